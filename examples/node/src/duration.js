const SECONDS = {
  day: 86_400,
  hour: 3600,
  minute: 60,
  second: 1,
};

/** Says a number of seconds in words: `formatDuration(62)` is "1 minute 2 seconds". */
export function formatDuration(seconds) {
  if (!Number.isInteger(seconds) || seconds < 0) {
    throw new RangeError(`not a duration: ${seconds}`);
  }
  const words = [];
  let rest = seconds;
  for (const [unit, size] of Object.entries(SECONDS)) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) words.push(`${count} ${unit}${count > 1 ? "s" : ""}`);
  }
  return words.join(" ") || "no time";
}
