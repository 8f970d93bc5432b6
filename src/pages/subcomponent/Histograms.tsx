import type { SubcomponentHistograms } from '../../../core/bundle/queryHistograms.ts'
import { drawHistogram, HISTOGRAM_HEIGHT } from '../../charts/drawHistogram.ts'
import { Figure } from '../../charts/Figure.tsx'
import { describeSource } from '../../clients/describeSource.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { formatCount } from '../../ui/formatNumber.ts'
import { activationDrawing, ciDrawing, type HistogramDrawing } from './histogramBins.ts'

interface HistogramsProps {
  /** null where the index has none. */
  readonly histograms: SubcomponentHistograms | null
  readonly activationCount: number
  /** Short address. */
  readonly name: string
}

const FIRINGS_KEY = { fill: 'var(--frequent)', label: 'its firings' }
const SAMPLED_KEY = { fill: 'var(--accent)', label: 'all sampled positions, active or not' }

/** How large causal importance and inner activation are where the subcomponent fires. */
export function Histograms({ histograms, activationCount, name }: HistogramsProps) {
  if (histograms === null) {
    return (
      <section className="sec c12" aria-labelledby="histograms">
        <h2 id="histograms">Distributions</h2>
        <p className="note">Not in this index: what it was made from kept no histograms.</p>
      </section>
    )
  }
  const firings = `${formatCount(activationCount)} firings`
  return (
    <section className="sec c12" aria-label="Distributions">
      <div className="figs two">
        <Distribution
          drawing={ciDrawing(histograms)}
          name={name}
          subject="ci"
          subtitle={`Causal importance, ${firings}`}
        />
        <Distribution
          drawing={activationDrawing(histograms)}
          name={name}
          subject="activation"
          subtitle={`Inner activation, ${firings}`}
        />
      </div>
    </section>
  )
}

interface DistributionProps {
  readonly drawing: HistogramDrawing
  readonly name: string
  /** Part of the name of exported files. */
  readonly subject: string
  readonly subtitle: string
}

function Distribution({ drawing, name, subject, subtitle }: DistributionProps) {
  const run = useRun()
  const { finding, bins, axis, counts } = drawing
  const hasReference = bins.some(({ reference }) => reference !== null)
  return (
    <Figure
      title={finding}
      subtitle={subtitle}
      provenance={`${name} · ${describeSource(run)}`}
      swatches={hasReference ? [FIRINGS_KEY, SAMPLED_KEY] : [FIRINGS_KEY]}
      drawKey={`${name} ${subject}`}
      height={HISTOGRAM_HEIGHT}
      fileName={`${run.id}-${name.replace(':', '-')}-${subject}`}
      numbers={{
        columns: ['from', 'to', 'firings', ...(hasReference ? ['sampled_positions'] : [])],
        rows: counts.map(({ from, to, firings, sampled }) => [from, to, firings, ...(hasReference ? [sampled] : [])]),
      }}
      draw={(width) => drawHistogram(bins, axis, width)}
    />
  )
}
