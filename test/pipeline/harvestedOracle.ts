import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { convert } from '../../pipeline/convert.ts'
import { harvest } from '../../pipeline/harvest.ts'
import type { Terminal } from '../../pipeline/Terminal.ts'
import { writeIndex } from '../../pipeline/writeIndex.ts'

const oracles = fileURLToPath(new URL('../oracles', import.meta.url))
export const STATISTICS = join(oracles, 'llama-mlp-statistics')
export const STORIES = join(STATISTICS, 'stories.jsonl')

/** A terminal that keeps what it is told. */
export function recordingTerminal() {
  const recorded = { printed: '', told: [] as string[], hasDifferences: false }
  const terminal: Terminal = {
    print: (text) => {
      recorded.printed += text
    },
    tell: (line) => recorded.told.push(line),
    onProgress: () => undefined,
    reportDifferences: () => {
      recorded.hasDifferences = true
    },
  }
  return { terminal, recorded }
}

/** Converts an oracle whose checkpoint is `checkpoint` into `out`. */
export async function convertOracle(name: string, checkpoint: string, out: string): Promise<void> {
  const folder = join(oracles, name)
  const files = {
    checkpoint: join(folder, checkpoint),
    config: join(folder, 'final_config.yaml'),
    target: join(folder, 'target_config.json'),
    tokenizer: join(folder, 'tokenizer.json'),
  }
  await convert({ ...files, out, id: 'oracle', precision: 'f32' }, recordingTerminal().terminal)
}

/** Harvests the stories of the statistics oracle, as the command would. */
export async function harvestOracle(
  bundle: string,
  out: string,
  threads = 1,
  stories = [STORIES],
  threshold = 0.01,
): Promise<string> {
  const { terminal, recorded } = recordingTerminal()
  await harvest({ bundle, stories, out, field: 'story', threshold, threads, seed: 0 }, terminal)
  return recorded.told.join('\n')
}

/** A bundle in `folder` with the index of the statistics oracle. */
export async function indexedOracle(folder: string): Promise<string> {
  const bundle = join(folder, 'bundle')
  await convertOracle('llama-mlp', 'model_1000.pth', bundle)
  await harvestOracle(bundle, join(folder, 'harvest'))
  await writeIndex({ bundle, harvest: join(folder, 'harvest') }, recordingTerminal().terminal)
  return bundle
}
