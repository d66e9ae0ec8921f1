"""What a basket costs. Prices are whole cents."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """Some of one article."""

    article: str
    price_cents: int
    quantity: int = 1

    @property
    def total_cents(self) -> int:
        """A tenth less from ten of a kind on."""
        full = self.price_cents * self.quantity
        return full * 9 // 10 if self.quantity >= 10 else full


@dataclass
class Basket:
    """Lines in the order in which they were put in."""

    lines: list[Line] = field(default_factory=list)

    def put(self, article: str, price_cents: int, quantity: int = 1) -> None:
        """Add articles; refuse what cannot be."""
        if quantity < 1:
            raise ValueError(f"cannot put {quantity} of {article} in a basket")
        self.lines.append(Line(article, price_cents, quantity))

    @property
    def total_cents(self) -> int:
        """The price of everything."""
        return sum(line.total_cents for line in self.lines)
