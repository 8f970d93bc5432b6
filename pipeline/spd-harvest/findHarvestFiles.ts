import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AtlasError } from '../../core/errors/AtlasError.ts'

/** Where the files of a harvest lie, by its layout. */
export type HarvestFiles = TensorFiles & ContextFiles

interface TensorFiles {
  readonly tokenStats: string
  readonly coFirings: string
}

type ContextFiles =
  | { readonly layout: 'jsonl'; readonly config: string; readonly components: string }
  | { readonly layout: 'database'; readonly database: string }

/**
 * The files of the harvest in `folder`: of the layout to February 2026 (activation_contexts/ and correlations/), or of
 * the one since (harvest.db), which may also lie in its only folder h-<date>_<time>.
 */
export async function findHarvestFiles(folder: string): Promise<HarvestFiles> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new AtlasError('source/unreachable', `--spd-harvest ${folder}: cannot be read`, { cause })
  })
  if (names.includes('harvest.db')) return databaseFiles(folder)
  if (names.includes('activation_contexts')) {
    const contexts = join(folder, 'activation_contexts')
    return assertThere({
      layout: 'jsonl',
      config: join(contexts, 'config.json'),
      components: join(contexts, 'components.jsonl'),
      ...tensorFiles(join(folder, 'correlations')),
    })
  }
  const harvests = names.filter((name) => name.startsWith('h-')).sort()
  const [only] = harvests
  if (only !== undefined && harvests.length === 1) return databaseFiles(join(folder, only))
  const found = harvests.length === 0 ? 'neither' : `none but ${harvests.join(', ')}`
  throw new AtlasError(
    'arguments/invalid',
    `--spd-harvest ${folder}: expected harvest.db or activation_contexts/, ${found} there`,
  )
}

function databaseFiles(folder: string): Promise<HarvestFiles> {
  return assertThere({ layout: 'database', database: join(folder, 'harvest.db'), ...tensorFiles(folder) })
}

function tensorFiles(folder: string): TensorFiles {
  return { tokenStats: join(folder, 'token_stats.pt'), coFirings: join(folder, 'component_correlations.pt') }
}

async function assertThere(files: HarvestFiles): Promise<HarvestFiles> {
  const { layout: _, ...paths } = files
  for (const path of Object.values(paths)) {
    const isFile = await stat(path).then(
      (entry) => entry.isFile(),
      () => false,
    )
    if (!isFile) throw new AtlasError('source/unreachable', `${path}: no such file, expected with the harvest`)
  }
  return files
}
