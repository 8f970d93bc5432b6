import { useVirtualizer } from '@tanstack/react-virtual'
import type { RefObject } from 'react'
import type { SubcomponentTokenRow } from '../../../core/bundle/queryTokens.ts'
import { TokenText } from '../../ui/Token.tsx'
import { useRowHeight } from '../../ui/useRowHeight.ts'
import { TOKEN_COLUMNS } from './tokenColumns.tsx'

interface TokenRowsProps {
  readonly rows: readonly SubcomponentTokenRow[]
  /** What the rows scroll in; null where all are shown at once. */
  readonly scroller: RefObject<HTMLElement | null> | null
}

const OVERSCAN = 16

/** Rows of tokens; of many only those in view. */
export function TokenRows({ rows, scroller }: TokenRowsProps) {
  if (scroller === null) {
    return (
      <tbody>
        {rows.map((row, i) => (
          <TokenRow key={row.tokenId} row={row} index={i} />
        ))}
      </tbody>
    )
  }
  return <VirtualRows rows={rows} scroller={scroller} />
}

function VirtualRows({
  rows,
  scroller,
}: {
  readonly rows: TokenRowsProps['rows']
  readonly scroller: RefObject<HTMLElement | null>
}) {
  const rowHeight = useRowHeight()
  const virtualizer = useVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    getScrollElement: () => scroller.current,
  })
  const items = virtualizer.getVirtualItems()
  const before = items[0]?.start ?? 0
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    <tbody>
      <Spacer height={before} />
      {items.map(({ index }) => {
        const row = rows[index]
        return row === undefined ? null : <TokenRow key={row.tokenId} row={row} index={index} />
      })}
      <Spacer height={after} />
    </tbody>
  )
}

function TokenRow({ row, index }: { readonly row: SubcomponentTokenRow; readonly index: number }) {
  return (
    <tr aria-rowindex={index + 2}>
      <td>
        <span className="t">
          <TokenText text={row.token} />
        </span>
      </td>
      {TOKEN_COLUMNS.map(({ name, className, cell }) => (
        <td key={name} className={className}>
          {cell(row)}
        </td>
      ))}
    </tr>
  )
}

function Spacer({ height }: { readonly height: number }) {
  if (height <= 0) return null
  return (
    <tr className="spacer">
      <td colSpan={TOKEN_COLUMNS.length + 1} style={{ height }} />
    </tr>
  )
}
