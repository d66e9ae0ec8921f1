defmodule Calc do
  @doc """
      iex> Calc.add(1, 2)
      3
  """
  def add(one, other), do: one + other
end
