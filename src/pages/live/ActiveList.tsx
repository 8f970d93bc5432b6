import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { Link, useNavigate } from 'react-router'
import type { SubcomponentTableRow } from '../../../core/bundle/querySubcomponents.ts'
import type { RankOrder } from '../../../core/inference/activeSubcomponents.ts'
import { firingRarity } from '../../../core/statistics/tokenAssociation.ts'
import { useRequest } from '../../async/useRequest.ts'
import { type Run, useRun } from '../../clients/RunContext.tsx'
import { subcomponentPath } from '../../clients/runPaths.ts'
import { formatReal } from '../../ui/formatNumber.ts'
import { KindBadge } from '../../ui/KindBadge.tsx'
import { Skeleton } from '../../ui/Loading.tsx'
import { SortHeader } from '../../ui/SortHeader.tsx'
import { TokenText } from '../../ui/Token.tsx'
import { useRowHeight } from '../../ui/useRowHeight.ts'
import { addressOf, isSame, type LiveSubcomponent } from './liveState.ts'

/** A subcomponent active at the chosen token. */
export interface ActiveRow extends LiveSubcomponent {
  /** Index of its module in the manifest, and so in the index. */
  readonly moduleId: number
  readonly kind: string
  readonly causalImportance: number
  /** h‖U‖₂, signed. */
  readonly scaledInnerActivation: number
}

interface ActiveListProps {
  readonly rows: readonly ActiveRow[]
  readonly order: RankOrder
  readonly shaded: LiveSubcomponent | null
  readonly ablated: readonly LiveSubcomponent[]
  readonly onOrder: (order: RankOrder) => void
  readonly onShade: (subcomponent: LiveSubcomponent) => void
  readonly onAblate: (subcomponent: LiveSubcomponent) => void
}

const OVERSCAN = 8
const LISTED_TOKENS = 3
const COLUMNS = 6

/** Active subcomponents in their order, as many as there are; arrows shade the story by a row, Space ablates, Enter opens. */
export function ActiveList(props: ActiveListProps) {
  const { rows, order, onOrder, shaded } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rowHeight = useRowHeight()
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollPaddingStart: rowHeight,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when their height changes
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight])
  const items = virtualizer.getVirtualItems()
  const details = useDetails(items.flatMap(({ index }) => rows[index] ?? []))
  const chosen = shaded === null ? -1 : rows.findIndex((row) => isSame(row, shaded))
  const onKeyDown = useRowKeys(props, chosen, (index) => virtualizer.scrollToIndex(index))
  return (
    <div className="wrap active-list" ref={scroller}>
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose rows the arrow keys choose
        role="grid"
        aria-label="Active subcomponents"
        aria-rowcount={rows.length + 1}
        aria-activedescendant={chosen === -1 ? undefined : rowId(chosen)}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" title="ablate">
              abl.
            </th>
            <th scope="col">subcomponent</th>
            <SortHeader
              direction={order === 'causalImportance' ? 'descending' : null}
              onSort={() => onOrder('causalImportance')}
            >
              CI
            </SortHeader>
            <SortHeader
              direction={order === 'scaledInnerActivation' ? 'descending' : null}
              onSort={() => onOrder('scaledInnerActivation')}
            >
              <span title="inner activation times the norm of the write vector; ranked by size, its sign is a convention">
                h‖U‖
              </span>
            </SortHeader>
            <th scope="col" className="n opt" title="−ln(F/N), F its activation count in N positions of the corpus">
              rarity
            </th>
            <th scope="col" className="opt">
              top tokens
            </th>
          </tr>
        </thead>
        <tbody>
          <Spacer height={items[0]?.start ?? 0} />
          {items.map(({ index }) => {
            const row = rows[index]
            if (row === undefined) return null
            return (
              <ListRow key={index} {...props} index={index} row={row} isChosen={index === chosen} details={details} />
            )
          })}
          <Spacer height={virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0)} />
        </tbody>
      </table>
    </div>
  )
}

interface ListRowProps extends ActiveListProps {
  readonly index: number
  readonly row: ActiveRow
  readonly isChosen: boolean
  readonly details: ReadonlyMap<string, SubcomponentTableRow>
}

function ListRow({ index, row, isChosen, details, ablated, onShade, onAblate }: ListRowProps) {
  const { id, shortNames, corpus } = useRun()
  const name = `${shortNames.get(row.modulePath) ?? row.modulePath}:${row.subcomponent}`
  const detail = details.get(addressOf(row))
  const percent = 100 * Math.min(1, row.causalImportance)
  return (
    <tr id={rowId(index)} aria-rowindex={index + 2} aria-selected={isChosen} onClick={() => onShade(row)}>
      <td>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the box has its own key, Space; the click must not reach the row */}
        <label className="target" onClick={(event) => event.stopPropagation()}>
          <input
            className="ab"
            type="checkbox"
            tabIndex={-1}
            aria-label={`Ablate ${name}`}
            checked={ablated.some((other) => isSame(other, row))}
            onChange={() => onAblate(row)}
          />
        </label>
      </td>
      <td className="mono">
        <KindBadge kind={row.kind} path={row.modulePath} />
        <Link
          to={subcomponentPath(id, row.modulePath, row.subcomponent)}
          tabIndex={-1}
          title={addressOf(row)}
          onClick={(event) => event.stopPropagation()}
        >
          {name}
        </Link>
      </td>
      <td className="n">
        {formatReal(row.causalImportance)}
        <span className="meter ci">
          <b style={{ width: `${percent}%` }} />
        </span>
      </td>
      <td className="n">{formatReal(row.scaledInnerActivation)}</td>
      <td className="n opt">
        {detail === undefined ? <Skeleton width={3} /> : formatRarity(detail, corpus.positions)}
      </td>
      <td className="mono sub opt cut">
        {detail === undefined ? <Skeleton width={12} /> : <TopTokens row={detail} />}
      </td>
    </tr>
  )
}

function TopTokens({ row }: { readonly row: SubcomponentTableRow }) {
  return row.topTokens.slice(0, LISTED_TOKENS).map(({ tokenId, token }) => (
    <span className="tk" key={tokenId}>
      <TokenText text={token} />
    </span>
  ))
}

/** A subcomponent that never fired in the corpus is rarer than its size can tell. */
function formatRarity({ activationCount }: SubcomponentTableRow, positions: number): string {
  const rarity = firingRarity({ F: activationCount, N: positions })
  return rarity === null ? 'dead' : formatReal(rarity)
}

/** What the index knows of the rows in view. */
function useDetails(rows: readonly ActiveRow[]): ReadonlyMap<string, SubcomponentTableRow> {
  const { index }: Run = useRun()
  const key = rows.map(addressOf).join()
  const details = useRequest(key, async () => {
    const found = await index.describeSubcomponents(rows)
    return new Map(rows.map((row, i) => [addressOf(row), found[i]] as const))
  })
  const known = new Map<string, SubcomponentTableRow>()
  if (details.kind !== 'ready') return known
  for (const [address, row] of details.value) if (row !== undefined) known.set(address, row)
  return known
}

function useRowKeys(
  { rows, onShade, onAblate }: ActiveListProps,
  chosen: number,
  reveal: (index: number) => void,
): (event: KeyboardEvent) => void {
  const { id } = useRun()
  const navigate = useNavigate()
  return (event) => {
    const row = rows[chosen]
    if (event.target !== event.currentTarget || rows.length === 0) return
    const target = rowAfterKey(event.key, chosen, rows.length)
    if (event.key === 'Enter' && row !== undefined) {
      void navigate(subcomponentPath(id, row.modulePath, row.subcomponent))
    } else if (event.key === ' ' && row !== undefined) onAblate(row)
    else if (target !== null && rows[target] !== undefined) {
      onShade(rows[target])
      reveal(target)
    } else return
    event.preventDefault()
  }
}

function rowAfterKey(key: string, chosen: number, count: number): number | null {
  const moves: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  const move = moves[key]
  return move === undefined ? null : Math.max(0, Math.min(count - 1, chosen + move))
}

const rowId = (index: number): string => `active-${index}`

function Spacer({ height }: { readonly height: number }) {
  if (height <= 0) return null
  return (
    <tr className="spacer">
      <td colSpan={COLUMNS} style={{ height }} />
    </tr>
  )
}
