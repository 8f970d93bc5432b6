import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AtlasError } from '../../core/errors/AtlasError.ts'

/** Where the files of a harvest lie, by its layout. */
export type HarvestFiles = TensorFiles & ContextFiles

interface TensorFiles {
  readonly tokenStats: string
  /** null where the harvest was made without. */
  readonly coFirings: string | null
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
      ...(await tensorFiles(join(folder, 'correlations'))),
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

async function databaseFiles(folder: string): Promise<HarvestFiles> {
  return assertThere({ layout: 'database', database: join(folder, 'harvest.db'), ...(await tensorFiles(folder)) })
}

async function tensorFiles(folder: string): Promise<TensorFiles> {
  const coFirings = join(folder, 'component_correlations.pt')
  return { tokenStats: join(folder, 'token_stats.pt'), coFirings: (await isFile(coFirings)) ? coFirings : null }
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  )
}

async function assertThere(files: HarvestFiles): Promise<HarvestFiles> {
  const { layout: _, ...paths } = files
  for (const path of Object.values(paths)) {
    if (path === null || (await isFile(path))) continue
    throw new AtlasError('source/unreachable', `${path}: no such file, expected with the harvest`)
  }
  return files
}
