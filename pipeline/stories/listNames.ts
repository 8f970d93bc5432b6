/** Names listed in a message. */
const MAX_NAMES_TOLD = 20

/** Quotes `names` for a message, the first twenty of them: `"a", "b"`. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'nothing'
  const told = names.slice(0, MAX_NAMES_TOLD).map((name) => `"${name}"`)
  if (names.length > MAX_NAMES_TOLD) told.push(`${names.length - MAX_NAMES_TOLD} more`)
  return told.join(', ')
}
