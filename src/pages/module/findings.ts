import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import { CLASS_LABELS } from '../../ui/ClassGlyph.tsx'
import { formatCount, formatPercent } from '../../ui/formatNumber.ts'
import type { TableState } from './tableState.ts'

/** What the figure of a module's breadth shows: how far its broadest subcomponent reaches, how many have one token. */
export function breadthFinding(module: ModuleRow, broadest: number, distinctTokens: number): string {
  const { active, classCounts } = module
  if (active === 0) return 'No subcomponent of this module is active'
  const reach = `fires on ${formatPercent(broadest / distinctTokens)}\u00a0% of the tokens seen`
  const single = classCounts.truly_monosemantic
  if (active === 1) return `The one active subcomponent ${reach}`
  const rest =
    single === 0 ? 'none fires on just one' : `${formatCount(single)} of ${formatCount(active)} fire on just one`
  return `The broadest subcomponent ${reach}; ${rest}`
}

/** Why a table has no rows. */
export function describeEmptyTable({ classes, band, tokenText }: TableState, extent: string): string {
  if (classes.length === 0) return 'No class is chosen.'
  const kinds = classes.length > 4 ? 'active' : classes.map((name) => CLASS_LABELS[name]).join(' or ')
  const conditions = [
    `is ${kinds}`,
    ...(band === null || band === 'dead' ? [] : [`is ${band}`]),
    ...(tokenText === '' ? [] : [`has “${tokenText}” among its ten most frequent tokens`]),
  ]
  return `No subcomponent of ${extent} ${conditions.join(' and ')}.`
}
