import { useMemo, useRef, useState } from 'react'
import type { Table } from '../../../core/tables/formatTable.ts'
import type { AblationEffect, ObservedStory } from '../../../workers/contracts/ModelApi.ts'
import { FigureExports } from '../../charts/Figure.tsx'
import { HeatStrip } from '../../charts/HeatStrip.tsx'
import { countCeiling, type StripCell, TONES } from '../../charts/heatStripLayout.ts'
import { NumbersTable } from '../../charts/NumbersTable.tsx'
import { describeSource } from '../../clients/describeSource.ts'
import { type Run, useRun } from '../../clients/RunContext.tsx'
import { formatCount } from '../../ui/formatNumber.ts'
import { activityTable, effectCeiling } from './activityTable.ts'
import { busiestFinding, quote } from './findings.ts'

interface ActivityFigureProps {
  readonly story: ObservedStory
  readonly effect: AblationEffect | null
  /** Short addresses of what is ablated. */
  readonly ablated: readonly string[]
  readonly chosen: StripCell
  /** First position longer than what the run was trained on; null where there is none. */
  readonly beyond: number | null
  readonly onChoose: (cell: StripCell) => void
}

/** How many subcomponents of each module are active at each token, and KL under it where some are ablated. */
export function ActivityFigure({ story, effect, ablated, chosen, beyond, onChoose }: ActivityFigureProps) {
  const run = useRun()
  const { modules } = run.manifest
  const drawing = useRef<SVGSVGElement>(null)
  const [pointed, setPointed] = useState<StripCell | null>(null)
  const [isTableShown, setIsTableShown] = useState(false)
  const { tokens, activeCounts } = story
  const ceiling = useMemo(() => countCeiling(Math.max(...activeCounts)), [activeCounts])
  const title = useMemo(
    () => busiestFinding(modules, activeCounts, tokens.length),
    [modules, activeCounts, tokens.length],
  )
  const numbers = useMemo(() => activityTable(modules, story, effect), [modules, story, effect])
  const strip = useMemo(() => (effect === null ? null : stripEffect(effect)), [effect])
  const mark = useMemo(() => (beyond === null ? null : { position: beyond, label: BEYOND_LABEL }), [beyond])
  const scale = `Bar height and tone: active subcomponents, ${ceiling} a full bar`
  const subtitle = ablated.length === 0 ? scale : `${scale}; ablated: ${ablated.join(', ')}`
  const provenance = `${quote(tokens.slice(0, 8).join(' '))}… · ${describeSource(run)}`
  return (
    <figure>
      <div className="row between figure-head">
        <figcaption>
          <h2>{title}</h2>
          <p>
            Bar height and tone: active subcomponents at the token, <ToneKey ceiling={ceiling} />
          </p>
        </figcaption>
        <FigureExports
          caption={{ title, subtitle, provenance }}
          numbers={numbers}
          fileName={`${run.id}-live-activity`}
          drawing={() => drawing.current}
        />
      </div>
      <p className="readout num" aria-live="polite">
        {describeCell(run, story, pointed ?? chosen)}
      </p>
      <HeatStrip
        label={`${title}. Arrow keys move between tokens and modules.`}
        modules={modules}
        tokens={tokens}
        counts={activeCounts}
        ceiling={ceiling}
        chosen={chosen}
        beyond={mark}
        effect={strip}
        onChoose={onChoose}
        onPoint={setPointed}
        drawing={drawing}
      />
      {beyond !== null && (
        <p className="note">
          Hatched: positions from {beyond} on, {BEYOND_LABEL}.
        </p>
      )}
      <button
        className="link export"
        type="button"
        aria-expanded={isTableShown}
        onClick={() => setIsTableShown(!isTableShown)}
      >
        {isTableShown ? 'Hide the counts' : `Counts at ${quote(tokens[chosen.position] ?? '')} as a table`}
      </button>
      {isTableShown && (
        <NumbersTable table={countsAt(run, story, chosen.position)} caption={`Counts at position ${chosen.position}`} />
      )}
    </figure>
  )
}

const BEYOND_LABEL = 'beyond the trained length'

function stripEffect({ kl }: AblationEffect) {
  return { name: 'KL', title: 'KL(target ‖ ablated) at each position, nats', values: kl, ceiling: effectCeiling(kl) }
}

function describeCell({ manifest, shortNames }: Run, { tokens, activeCounts }: ObservedStory, cell: StripCell): string {
  const token = `${quote(tokens[cell.position] ?? '')}, position ${cell.position}`
  const countOf = (m: number): number => activeCounts[m * tokens.length + cell.position] ?? 0
  const module = cell.module === null ? undefined : manifest.modules[cell.module]
  if (module === undefined || cell.module === null) {
    const total = manifest.modules.reduce((sum, _, m) => sum + countOf(m), 0)
    return `${token}: ${formatCount(total)} active in all modules`
  }
  const count = formatCount(countOf(cell.module))
  return `${token}, ${shortNames.get(module.path) ?? module.path}: ${count} active of ${formatCount(module.c)}`
}

function countsAt({ manifest }: Run, { tokens, activeCounts }: ObservedStory, position: number): Table {
  const rows = manifest.modules.map(({ path, c }, m) => [path, activeCounts[m * tokens.length + position] ?? 0, c])
  return { columns: ['module', 'active', 'c'], rows }
}

/** Five bars from low to full, each with the count it ends at. */
function ToneKey({ ceiling }: { readonly ceiling: number }) {
  return (
    <span className="tones">
      {Array.from({ length: TONES }, (_, i) => {
        const height = (13 * (i + 1)) / TONES
        return (
          <span key={height}>
            <svg width="14" height="13" aria-hidden="true">
              <rect className={`n${i + 1}`} y={13 - height} width="13" height={height} />
            </svg>{' '}
            {i === 0 ? '≤ ' : ''}
            {Math.round((ceiling * (i + 1)) / TONES)}
          </span>
        )
      })}
    </span>
  )
}
