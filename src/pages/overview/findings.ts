import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import { median } from '../../../core/statistics/median.ts'
import { isMlpPath } from '../../charts/moduleRows.ts'
import { formatMedian, formatPercent } from '../../ui/formatNumber.ts'

/** What figure 1 shows, in a sentence made of its numbers: where most are dead and where fewest are. */
export function activityFinding(modules: readonly ModuleRow[]): string {
  const groups = groupBy(modules, groupName).map(([name, rows]) => {
    const shares = rows.map(({ dead, c }) => dead / c)
    return { name, shares, mean: sum(shares) / shares.length }
  })
  const ordered = groups.toSorted((a, b) => b.mean - a.mean)
  const [most, least] = [ordered[0], ordered.at(-1)]
  if (most === undefined || least === undefined) return 'No module is decomposed'
  if (most.mean === 0) return 'No subcomponent is dead'
  const first = `${capitalise(most.name)} is ${percentRange(most.shares)} dead`
  return groups.length === 1 ? first : `${first}, ${least.name} ${percentRange(least.shares)}`
}

/** What figure 2 shows: how many active subcomponents are at either end of the scale. */
export function classFinding(modules: readonly ModuleRow[]): string {
  const active = sum(modules.map((module) => module.active))
  if (active === 0) return 'No subcomponent is active'
  const narrow = sum(modules.map(({ classCounts: c }) => c.truly_monosemantic + c.highly_specialised))
  const broad = sum(modules.map(({ classCounts }) => classCounts.polysemantic))
  return `${formatPercent(broad / active)}\u00a0% are polysemantic, ${formatPercent(narrow / active)}\u00a0% have five tokens or fewer`
}

/** What figure 4 shows: the median of the modules' medians in the first layer and in the last. */
export function breadthFinding(modules: readonly ModuleRow[]): string {
  const medians = groupBy(modules, ({ layer }) => layer).flatMap(([layer, rows]) => {
    const value = median(rows.flatMap(({ medianUniqueTokens }) => medianUniqueTokens ?? []))
    return layer === null || value === null ? [] : [{ layer, value }]
  })
  const [first, last] = [medians[0], medians.at(-1)]
  if (first === undefined || last === undefined || first === last) return 'Breadth of active subcomponents'
  const ends = `${round(first.value)} in layer ${first.layer}, ${round(last.value)} in layer ${last.layer}`
  const isRising = medians.every(({ value }, i) => i === 0 || value > (medians[i - 1]?.value ?? 0))
  return isRising ? `Breadth grows with depth: ${ends}` : `Breadth: ${ends}`
}

function groupName({ module, layer }: ModuleRow): string {
  if (layer === null) return module
  return `layer ${layer} ${isMlpPath(module) ? 'MLP' : 'attention'}`
}

/** Values under each key, keys in the order of their first value. */
function groupBy<T, Key>(values: readonly T[], keyOf: (value: T) => Key): [Key, T[]][] {
  const groups = new Map<Key, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return [...groups.entries()]
}

/** Whole percents, "86–97 %", one number where both ends are equal. */
function percentRange(shares: readonly number[]): string {
  const low = Math.round(100 * Math.min(...shares))
  const high = Math.round(100 * Math.max(...shares))
  return low === high ? `${low}\u00a0%` : `${low}–${high}\u00a0%`
}

/** Three digits are enough for a median of medians. */
const round = (value: number): string => formatMedian(Number(value.toPrecision(3)))
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
