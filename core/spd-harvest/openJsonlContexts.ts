import * as v from 'valibot'
import type { ByteSource } from '../bytes/ByteSource.ts'
import { readLines } from '../bytes/readLines.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import type { ActivationContexts, ContextModule, SubcomponentContexts } from './ActivationContexts.ts'
import { parse, parseJson } from './parseHarvestJson.ts'
import type { ContextConfig } from './readContextConfig.ts'
import { readPaddedWindow, type WindowSettings } from './readFiringWindow.ts'
import { sampleExamples } from './sampleExamples.ts'

/** A line of 1,000 examples of 41 tokens has some 2.5 MB. */
const MAX_LINE_BYTES = 2 ** 26

const lineSchema = v.object({
  layer: v.string(),
  component_idx: v.pipe(v.number(), v.integer(), v.minValue(0)),
  mean_ci: v.pipe(v.number(), v.minValue(0)),
  activation_examples: v.array(v.unknown()),
})

interface ContextLine extends v.InferOutput<typeof lineSchema> {
  /** Where it starts in the file, in bytes. */
  readonly start: number
  readonly place: string
}

/**
 * The contexts in components.jsonl, of the layout to February 2026: a line a subcomponent that fires, the modules one
 * after the other. The file is read a line at a time, and once where its modules come in the order they are asked for.
 */
export function openJsonlContexts(
  source: ByteSource,
  config: ContextConfig,
  vocabularySize: number,
): ActivationContexts {
  const starts = new ModuleStarts()
  return {
    name: source.name,
    threshold: config.threshold,
    wandbPath: config.wandbPath,
    subcomponentCount: null,
    readModule: async (module) => {
      const contexts = new Map<number, SubcomponentContexts>()
      let previous: string | null = null
      for await (const line of readContextLines(source, starts.startOf(module.path))) {
        if (line.layer !== previous) starts.note(line)
        previous = line.layer
        if (line.layer === module.path) addLine(contexts, line, module, { ...config, vocabularySize })
        else if (contexts.size > 0) break
      }
      return contexts
    },
  }
}

/** Where in the file each module begins, as far as it has been read. */
class ModuleStarts {
  readonly #starts = new Map<string, number>()
  #frontier = 0

  /** Where to look for a module: its first line, or the last line known to begin one. */
  startOf(path: string): number {
    return this.#starts.get(path) ?? this.#frontier
  }

  /** Takes in a line that begins a module; refuses one whose module has begun elsewhere. */
  note({ layer, start, place }: ContextLine): void {
    const known = this.#starts.get(layer)
    if (known !== undefined && known !== start) throw malformed(place, `${layer} is in two pieces`)
    this.#starts.set(layer, start)
    this.#frontier = Math.max(this.#frontier, start)
  }
}

function addLine(
  contexts: Map<number, SubcomponentContexts>,
  line: ContextLine,
  { path, C, writeNorms }: ContextModule,
  settings: Omit<WindowSettings, 'writeNorm'>,
): void {
  const { component_idx: c, activation_examples: examples, mean_ci: meanCi, place } = line
  if (c >= C) throw malformed(place, `${path}:${c}, expected numbers below ${C}`)
  if (contexts.has(c)) throw malformed(place, `${path}:${c} is there twice`)
  const ofSubcomponent = { ...settings, writeNorm: writeNorms[c] ?? 0 }
  const windows = sampleExamples(path, c, examples.length, (i) =>
    readPaddedWindow(examples[i], ofSubcomponent, `${place}, example ${i}`),
  )
  contexts.set(c, { meanCi, windows })
}

async function* readContextLines(source: ByteSource, start: number): AsyncGenerator<ContextLine> {
  const decoder = new TextDecoder()
  for await (const line of readLines(source, start, MAX_LINE_BYTES)) {
    const place = `${source.name}, line at byte ${line.start}`
    const json = parseJson(decoder.decode(line.bytes), place)
    yield { ...parse(lineSchema, json, place), start: line.start, place }
  }
}

function malformed(place: string, finding: string): AtlasError {
  return new AtlasError('format/malformed', `${place}: ${finding}`)
}
