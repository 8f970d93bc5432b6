import type { ReactNode } from 'react'
import type { SortColumn, SubcomponentTableRow } from '../../../core/bundle/querySubcomponents.ts'
import { CLASS_LABELS, ClassGlyph } from '../../ui/ClassGlyph.tsx'
import { formatCount, formatPercent, formatShare } from '../../ui/formatNumber.ts'
import { TokenCount } from '../../ui/Token.tsx'

/** A column of the table of subcomponents, beside the address that stands first. */
export interface SubcomponentColumn {
  readonly sort: SortColumn
  readonly label: ReactNode
  readonly className: string
  /** In pixels. */
  readonly width: number
  readonly cell: (row: SubcomponentTableRow) => ReactNode
}

/** Columns between the address and the top tokens. */
export const SUBCOMPONENT_COLUMNS: readonly SubcomponentColumn[] = [
  {
    sort: 'activation_count',
    label: (
      <>
        activation
        <br />
        count
      </>
    ),
    className: 'n',
    width: 104,
    cell: ({ activationCount }) => formatCount(activationCount),
  },
  {
    sort: 'unique_tokens',
    label: (
      <>
        unique
        <br />
        tokens
      </>
    ),
    className: 'n',
    width: 78,
    cell: ({ uniqueTokens }) => formatCount(uniqueTokens),
  },
  {
    sort: 'class',
    label: 'class',
    className: 'class',
    width: 172,
    cell: ({ class: name }) => (
      <span className="cls">
        <ClassGlyph name={name} />
        <span className="word">{CLASS_LABELS[name]}</span>
      </span>
    ),
  },
  {
    sort: 'mean_ci',
    label: 'mean CI',
    className: 'n opt',
    width: 84,
    cell: ({ meanCi }) => (meanCi === null ? <span className="dim">–</span> : formatShare(meanCi)),
  },
  {
    sort: 'firing_density',
    label: (
      <>
        firing
        <br />
        density %
      </>
    ),
    className: 'n opt',
    width: 92,
    cell: ({ firingDensity }) => formatPercent(firingDensity),
  },
  {
    sort: 'concentration',
    label: (
      <>
        concen-
        <br />
        tration
      </>
    ),
    className: 'opt',
    width: 72,
    cell: ({ isHighConcentration }) => (isHighConcentration ? 'high' : <span className="dim">–</span>),
  },
]

/** The five most frequent tokens with their counts. */
export function TopTokens({ row }: { readonly row: SubcomponentTableRow }) {
  return row.topTokens.map(({ tokenId, token, count }) => (
    <TokenCount key={tokenId} text={token} count={formatCount(count)} />
  ))
}
