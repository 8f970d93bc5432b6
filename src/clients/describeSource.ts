import { formatCount } from '../ui/formatNumber.ts'
import type { Run } from './RunContext.tsx'

function describeCorpus(corpus: Run['corpus']): string {
  const positions = `${formatCount(corpus.positions)} positions`
  return corpus.source === 'stories'
    ? `${positions} of ${formatCount(corpus.stories)} stories`
    : `${positions} of a harvest of the spd package`
}

/** One line that says where a figure's numbers come from: run, checkpoint, corpus, threshold. */
export function describeSource({ id, manifest, corpus }: Run): string {
  const { checkpoint, step } = manifest.run
  return [
    `run ${id}, step ${step}`,
    `${checkpoint.name} sha256:${checkpoint.sha256.slice(0, 12)}`,
    describeCorpus(corpus),
    `active: CI > ${corpus.threshold}`,
    `SPD Atlas ${manifest.written_by}`,
  ].join(' · ')
}
