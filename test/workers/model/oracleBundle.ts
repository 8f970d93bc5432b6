import { readFileSync } from 'node:fs'
import type { FetchEffects } from '../../../core/bundle/fetchBundleFile.ts'
import type { Manifest } from '../../../core/bundle/manifest.ts'
import { writeModelBundle } from '../../../core/bundle/writeModelBundle.ts'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import { uniformPrecision } from '../../../core/graph/Precision.ts'
import { readSafetensors } from '../../../core/safetensors/readSafetensors.ts'
import { oracleFiles } from '../../core/decomposition/runFiles.ts'

/** A bundle in memory, served at BUNDLE_URL. */
export interface ServedBundle {
  readonly manifest: Manifest
  readonly files: Map<string, Uint8Array<ArrayBuffer>>
  readonly fetch: FetchEffects['fetch']
  /** Paths fetched, in order. */
  readonly fetched: string[]
}

export const BUNDLE_URL = 'https://host.example/runs/oracle/'

const hash = '0'.repeat(64)

/** The bundle `convert` makes of an oracle, whole or with the subcomponents that `isKept` chooses. */
export async function serveOracle(
  name: string,
  isKept: ((module: number, c: number) => boolean) | null = null,
): Promise<ServedBundle> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  const tokenizer = readFileSync(new URL(`../../oracles/${name}/tokenizer.json`, import.meta.url), 'utf8')
  const decomposition = await readDecomposition(oracleFiles(name))
  const kept = decomposition.modules.map(({ C }, m) =>
    Array.from({ length: C }, (_, c) => c).filter((c) => isKept === null || isKept(m, c)),
  )
  const prunedBy = { source: 'index', threshold: 0.01, positions: 1, stories: 1 } as const
  const manifest = await writeModelBundle(
    {
      decomposition,
      tokenizer: { name: 'tokenizer.json', text: tokenizer },
      precision: uniformPrecision('f32'),
      pruning: isKept === null ? null : { kept, prunedBy },
      id: 'oracle',
      title: 'Oracle',
      version: 'test',
      checkpoint: { name: 'model.pth', bytes: 1, sha256: hash },
      config: { name: 'final_config.yaml', sha256: hash },
    },
    async (path, bytes) => {
      files.set(path, bytes)
    },
    () => undefined,
  )
  const fetched: string[] = []
  const fetch: FetchEffects['fetch'] = async (url) => {
    const path = url.slice(BUNDLE_URL.length)
    fetched.push(path)
    const bytes = files.get(path)
    return bytes === undefined ? new Response('', { status: 404 }) : new Response(bytes)
  }
  return { manifest, files, fetch, fetched }
}

/** Ids and PyTorch's numbers of an oracle's last story. */
export async function readReference(name: string) {
  const folder = new URL(`../../oracles/${name}/`, import.meta.url)
  const { text_of_last: text, ids }: { text_of_last: string; ids: number[][] } = JSON.parse(
    readFileSync(new URL('ids.json', folder), 'utf8'),
  )
  const tensors = await readSafetensors(
    bytesByteSource(readFileSync(new URL('reference.safetensors', folder)), 'reference.safetensors'),
  )
  return { text, ids: ids.at(-1) ?? [], story: ids.length - 1, tensors }
}
