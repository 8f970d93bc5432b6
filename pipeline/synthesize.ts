import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BYTES_PER_ELEMENT } from '../core/bytes/decodeWeights.ts'
import { invariant } from '../core/errors/invariant.ts'
import type { OnProgress } from '../core/progress/Progress.ts'
import { type NamedShape, type NamedTensor, writeSafetensorsStart } from '../core/safetensors/writeSafetensors.ts'
import { type SyntheticRun, syntheticName } from '../core/synthesis/SyntheticRun.ts'
import { samplePositions } from '../core/synthesis/samplePositions.ts'
import { checkpointShapes, type ModuleReport, synthesizeCheckpoint } from '../core/synthesis/synthesizeCheckpoint.ts'
import { syntheticRunConfig } from '../core/synthesis/syntheticRunConfig.ts'
import { syntheticStories } from '../core/synthesis/syntheticStories.ts'
import { syntheticTarget } from '../core/synthesis/syntheticTarget.ts'
import { syntheticTokenizerJson } from '../core/synthesis/syntheticTokenizerJson.ts'
import { syntheticVocabulary } from '../core/synthesis/syntheticVocabulary.ts'
import { createTokenizer } from '../core/tokenizer/createTokenizer.ts'
import { atlasVersion } from './node/atlasVersion.ts'
import { createOpenSession } from './node/createOpenSession.ts'
import { writeFileAtomically } from './node/files.ts'
import { assertReplaceable, replaceFolder } from './node/replaceFolder.ts'
import { readSyntheticRun, type SynthesizeOptions } from './synthesizeOptions.ts'
import type { Terminal } from './Terminal.ts'

export type { SynthesizeOptions }

/** By this file a folder is known to be ours to replace. */
const RECORD = 'synthesis.json'

/** Writes a synthetic run and its corpus into `options.out`, whole or not at all. */
export async function synthesize(
  options: SynthesizeOptions,
  { tell, onProgress }: Pick<Terminal, 'tell' | 'onProgress'>,
): Promise<void> {
  const run = await readSyntheticRun(options)
  await assertReplaceable(options.out, RECORD, '--out')
  await replaceFolder(options.out, (folder) => writeRun(run, options.threads ?? null, folder, onProgress))
  const active = run.modules.reduce((sum, { activeCount }) => sum + activeCount, 0)
  tell(`${options.out}: ${syntheticName(run)}, ${active} of them active, ${run.corpus.storyCount} stories`)
}

async function writeRun(
  run: SyntheticRun,
  threads: number | null,
  folder: string,
  onProgress: OnProgress,
): Promise<void> {
  const vocabulary = syntheticVocabulary(run.target.vocabularySize, run.seed)
  const target = await syntheticTarget(run)
  const tokenizerJson = syntheticTokenizerJson(vocabulary)
  await writeFileAtomically(join(folder, 'tokenizer.json'), tokenizerJson)
  await writeFileAtomically(join(folder, 'config.json'), target.configText)
  await writeFileAtomically(join(folder, 'final_config.yaml'), syntheticRunConfig(run))

  const corpus = { ...run.corpus, maxTokens: run.target.contextLength }
  const tellStories = (): Generator<string> => syntheticStories(vocabulary, corpus, run.seed)
  await writeStream(join(folder, 'stories.jsonl'), storyLines(tellStories(), run, onProgress))

  const { contextLength } = run.target
  const tokenizer = createTokenizer(tokenizerJson)
  const sample = samplePositions(tellStories(), tokenizer, run.calibrationPositions, contextLength, run.seed)
  const reports: ModuleReport[] = []
  const openSession = createOpenSession(threads)
  const tensors = synthesizeCheckpoint(run, target, sample, openSession, (report) => reports.push(report))
  const shapes = checkpointShapes(run, target)
  await writeStream(join(folder, 'model_0.safetensors'), checkpointBytes(run, shapes, tensors, onProgress))

  const calibrated = { stories: sample.stories.length, positions: sample.places.length }
  const record = `${JSON.stringify(synthesisRecord(run, calibrated, reports), null, 2)}\n`
  await writeFileAtomically(join(folder, RECORD), record)
}

async function writeStream(path: string, content: Iterable<string> | AsyncIterable<Uint8Array>): Promise<void> {
  await pipeline(Readable.from(content, { objectMode: true, highWaterMark: 1 }), createWriteStream(path))
}

function* storyLines(stories: Iterable<string>, run: SyntheticRun, onProgress: OnProgress): Generator<string> {
  const provenance = syntheticName(run)
  let done = 0
  for (const story of stories) {
    yield `${JSON.stringify({ story, provenance })}\n`
    done++
    onProgress({ label: 'writing stories', done, total: run.corpus.storyCount, unit: 'stories' })
  }
}

async function* checkpointBytes(
  run: SyntheticRun,
  shapes: readonly NamedShape[],
  tensors: AsyncIterable<NamedTensor>,
  onProgress: OnProgress,
): AsyncGenerator<Uint8Array> {
  const start = writeSafetensorsStart(shapes, { synthetic: syntheticName(run) })
  const numbers = shapes.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0)
  const total = start.length + numbers * BYTES_PER_ELEMENT.float32
  yield start
  let done = start.length
  let place = 0
  for await (const { name, data } of tensors) {
    invariant(shapes[place++]?.name === name, `${name} comes where the header has another tensor`)
    yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    done += data.byteLength
    onProgress({ label: 'writing the checkpoint', done, total, unit: 'bytes' })
  }
  invariant(done === total, `the checkpoint has ${done} bytes, its header promises ${total}`)
}

/** synthesis.json: what the run was made from, and what was measured on the way. */
function synthesisRecord(
  run: SyntheticRun,
  calibrated: { readonly stories: number; readonly positions: number },
  reports: readonly ModuleReport[],
): Record<string, unknown> {
  const { target } = run
  return {
    synthetic: true,
    name: syntheticName(run),
    written_by: atlasVersion(),
    seed: run.seed,
    target_model: {
      layers: target.layers,
      width: target.width,
      heads: target.heads,
      key_value_heads: target.keyValueHeads,
      mlp_width: target.mlpWidth,
      vocabulary_size: target.vocabularySize,
      context_length: target.contextLength,
    },
    ci_kind: run.ciKind,
    ci_hidden: run.ciHidden,
    threshold: run.threshold,
    corpus: { stories: run.corpus.storyCount, mean_tokens: run.corpus.meanTokens },
    calibrated_on: calibrated,
    modules: run.modules.map(({ path, C, activeCount }) => ({
      module: path,
      c: C,
      active: activeCount,
      faithfulness: reports.find((report) => report.path === path)?.faithfulness ?? null,
    })),
  }
}
