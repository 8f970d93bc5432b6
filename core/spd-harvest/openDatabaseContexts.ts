import * as v from 'valibot'
import { AtlasError } from '../errors/AtlasError.ts'
import type { ActivationContexts, SubcomponentContexts } from './ActivationContexts.ts'
import { parse, parseJson } from './parseHarvestJson.ts'
import { readDatabaseConfig } from './readContextConfig.ts'
import { readCutWindow } from './readFiringWindow.ts'
import { sampleExamples } from './sampleExamples.ts'

/** What is asked of harvest.db. */
export interface HarvestDatabase {
  readonly name: string
  /** Values of the table config by key, each JSON. */
  config(): ReadonlyMap<string, string>
  /** Rows of the table components. */
  componentCount(): number
  /** The row of a key such as "model.layers.0.mlp.up_proj:7"; null where there is none. */
  component(key: string): ComponentRow | null
}

/** A row of the table components; the last two are JSON. */
export interface ComponentRow {
  readonly layer: string
  readonly component_idx: number
  readonly mean_activations: string
  readonly activation_examples: string
}

const meansSchema = v.object({ causal_importance: v.pipe(v.number(), v.minValue(0)) })
const examplesSchema = v.array(v.unknown())

/** The contexts in harvest.db, of the layout since February 2026: a row a subcomponent that fires, read when asked for. */
export function openDatabaseContexts(database: HarvestDatabase, vocabularySize: number): ActivationContexts {
  const { name } = database
  const config = readDatabaseConfig(database.config(), name)
  return {
    name,
    threshold: config.threshold,
    wandbPath: config.wandbPath,
    subcomponentCount: database.componentCount(),
    readModule: async ({ path, active, writeNorms }) => {
      const contexts = new Map<number, SubcomponentContexts>()
      for (const c of active) {
        const key = `${path}:${c}`
        const row = database.component(key)
        if (row === null) continue
        const settings = { ...config, vocabularySize, writeNorm: writeNorms[c] ?? 0 }
        contexts.set(c, readRow(row, { path, c, place: `${name}, ${key}`, settings }))
      }
      return contexts
    },
  }
}

interface RowContext {
  readonly path: string
  readonly c: number
  readonly place: string
  readonly settings: Parameters<typeof readCutWindow>[1]
}

function readRow(row: ComponentRow, { path, c, place, settings }: RowContext): SubcomponentContexts {
  if (row.layer !== path || row.component_idx !== c) {
    throw new AtlasError('format/malformed', `${place}: is of ${row.layer}:${row.component_idx}`)
  }
  const means = parse(meansSchema, parseJson(row.mean_activations, `${place}, mean_activations`), place)
  const examples = parse(examplesSchema, parseJson(row.activation_examples, `${place}, activation_examples`), place)
  const windows = sampleExamples(path, c, examples.length, (i) =>
    readCutWindow(examples[i], settings, `${place}, example ${i}`),
  )
  return { meanCi: means.causal_importance, windows }
}
