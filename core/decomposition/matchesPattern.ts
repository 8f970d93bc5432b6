/** Whether `name` fits an fnmatch pattern as Python has it: `*`, `?`, `[seq]`, `[!seq]`, where `*` also crosses dots. */
export function matchesPattern(name: string, pattern: string): boolean {
  const tokens = readTokens(pattern)
  let reachable = new Set([0])
  for (const character of name) reachable = step(reachable, tokens, character)
  return skipStars(reachable, tokens).has(tokens.length)
}

type Token = '*' | ((character: string) => boolean)

/** A walk over all positions at once: linear in the name, whatever the pattern. */
function step(reachable: ReadonlySet<number>, tokens: readonly Token[], character: string): Set<number> {
  const next = new Set<number>()
  for (const position of skipStars(reachable, tokens)) {
    const token = tokens[position]
    if (token === '*') next.add(position)
    else if (token?.(character)) next.add(position + 1)
  }
  return next
}

/** A star may stand for nothing. */
function skipStars(reachable: ReadonlySet<number>, tokens: readonly Token[]): ReadonlySet<number> {
  const all = new Set(reachable)
  for (const position of all) if (tokens[position] === '*') all.add(position + 1)
  return all
}

/** A bracket that is never closed stands for itself; `]` right after the opening belongs to the set. */
function readTokens(pattern: string): readonly Token[] {
  const tokens: Token[] = []
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern.charAt(i)
    if (character === '*') tokens.push('*')
    else if (character === '?') tokens.push(() => true)
    else {
      const set = character === '[' ? /^\[(!?)(\]?[^\]]*)\]/.exec(pattern.slice(i)) : null
      tokens.push(set === null ? (other) => other === character : inSet(set[2] ?? '', set[1] === '!'))
      i += (set?.[0].length ?? 1) - 1
    }
  }
  return tokens
}

function inSet(members: string, isNegated: boolean): Token {
  return (character) => {
    for (let i = 0; i < members.length; i++) {
      const isRange = members.charAt(i + 1) === '-' && i + 2 < members.length
      const last = isRange ? members.charAt(i + 2) : members.charAt(i)
      if (members.charAt(i) <= character && character <= last) return !isNegated
      if (isRange) i += 2
    }
    return isNegated
  }
}
