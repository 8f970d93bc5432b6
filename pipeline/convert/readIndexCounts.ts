import { queryRows } from '../../core/bundle/IndexDatabase.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { openBundleFolder } from '../node/openBundleFolder.ts'
import { openBundleIndex } from '../node/openBundleIndex.ts'
import type { ActivationCounts } from './keepActive.ts'

/** Activation counts by the index of the bundle in `folder`; one without an index is `bundle/missing-file`. */
export async function readIndexCounts(folder: string): Promise<ActivationCounts> {
  const bundle = await openBundleFolder(folder)
  const { run, modules, corpus } = bundle.manifest
  const summary = await (await openBundleIndex(bundle)).openSummary()
  const counts = new Map(modules.map(({ path, c }) => [path, new Float64Array(c)]))
  const sql =
    'SELECT module, subcomponent, activation_count FROM subcomponent JOIN module USING (module_id) ORDER BY module_id'
  let rowCount = 0
  try {
    for (const [path, c, count] of queryRows(summary, sql, [], (row) => {
      return [row.text('module'), row.integer('subcomponent'), row.integer('activation_count')] as const
    })) {
      const ofModule = counts.get(path)
      if (ofModule === undefined || c >= ofModule.length) throw otherModules(folder)
      ofModule[c] = count
      rowCount += 1
    }
  } finally {
    summary.close()
  }
  if (corpus === null || rowCount !== modules.reduce((sum, { c }) => sum + c, 0)) throw otherModules(folder)
  return {
    checkpointSha256: run.checkpoint.sha256,
    modules: [...counts].map(([path, ofModule]) => ({ path, counts: ofModule })),
    prunedBy: {
      source: 'index',
      threshold: corpus.threshold,
      positions: corpus.positions,
      stories: corpus.source === 'stories' ? corpus.stories : null,
    },
  }
}

function otherModules(folder: string): AtlasError {
  return new AtlasError('bundle/corrupt', `${folder}: the index's subcomponents are not those of the manifest`)
}
