import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { IndexDatabase } from '../core/bundle/IndexDatabase.ts'
import type { Manifest } from '../core/bundle/manifest.ts'
import { unpackBundleFile } from '../core/bundle/unpackBundleFile.ts'
import { CountDigests } from '../core/bundle/verifying/CountDigests.ts'
import type { IndexFacts } from '../core/bundle/verifying/IndexFacts.ts'
import type { Report } from '../core/bundle/verifying/Report.ts'
import { readIndexFacts } from '../core/bundle/verifying/readIndexFacts.ts'
import { verifyDetail } from '../core/bundle/verifying/verifyDetail.ts'
import type { StoryTokens } from '../core/bundle/verifying/verifyExamples.ts'
import { verifyMonotone } from '../core/bundle/verifying/verifyLevels.ts'
import { verifyReferences, verifyTiles } from '../core/bundle/verifying/verifyManifest.ts'
import { readStoryTokens, verifyCorpus } from '../core/bundle/verifying/verifyStories.ts'
import { verifyLevelTables, verifySummary } from '../core/bundle/verifying/verifySummary.ts'
import { createTokenFilesCheck } from '../core/bundle/verifying/verifyTokenFiles.ts'
import { AtlasError } from '../core/errors/AtlasError.ts'
import { type BundleFolder, openBundleFolder } from './node/openBundleFolder.ts'
import { type BundleIndex, openBundleIndex } from './node/openBundleIndex.ts'
import type { Terminal } from './Terminal.ts'

/** Checks a bundle against its manifest and itself, and prints every difference with its place, a line each. */
export async function verify(folder: string, { print, tell, onProgress, reportDifferences }: Terminal): Promise<void> {
  const differences = new Set<string>()
  const report: Report = (difference) => {
    if (differences.has(difference)) return
    differences.add(difference)
    print(`${difference}\n`)
  }
  const bundle = await openBundleFolder(folder)
  await verifyFiles(bundle, report)
  verifyReferences(bundle.manifest, report)
  if (bundle.manifest.index !== null) await reportFailures(report, () => verifyIndex(bundle, report, onProgress))
  tell(`${folder}: ${bundle.manifest.files.length} files, ${differences.size} differences`)
  if (differences.size > 0) reportDifferences()
}

/** Sizes and hashes of the manifest's files, and whatever else lies in the folder. */
async function verifyFiles({ manifest, path, read }: BundleFolder, report: Report): Promise<void> {
  for (const file of manifest.files) {
    await reportFailures(report, async () => {
      await unpackBundleFile(file, await read(file.path))
    })
  }
  const listed = new Set(['manifest.json', ...manifest.files.map((file) => file.path)])
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((found) => found.isFile())) {
    const found = join(entry.parentPath, entry.name).slice(join(path, '/').length).replaceAll('\\', '/')
    if (!listed.has(found)) report(`${found}: not in the manifest`)
  }
}

async function verifyIndex(bundle: BundleFolder, report: Report, onProgress: Terminal['onProgress']): Promise<void> {
  const { manifest } = bundle
  const { index: parts, corpus } = manifest
  if (parts === null) return
  if (corpus === null) {
    report('manifest.json: an index, and no corpus')
    return
  }
  const index = await openBundleIndex(bundle)
  const summary = await index.openSummary()
  const facts = readIndexFacts(summary, corpus)
  verifySummary(summary, manifest, facts, report)
  const levels = await verifyLevels({ index, summary }, manifest, facts, report)
  summary.close()
  const stories = await verifyStories(index, manifest, facts, report)
  const digests = new CountDigests()
  const isRead = await verifyDetails(index, manifest, { facts, stories, digests }, report, onProgress)
  await verifyTokenFiles(index, manifest, { digests: isRead ? digests : null, levels, facts }, report)
}

interface OpenedIndex {
  readonly index: BundleIndex
  readonly summary: IndexDatabase
}

/** The facts of each level, ascending, the run's among them; null of a file that cannot be read. */
async function verifyLevels(
  opened: OpenedIndex,
  manifest: Manifest,
  facts: IndexFacts,
  report: Report,
): Promise<readonly (IndexFacts | null)[]> {
  const { corpus, index: parts } = manifest
  if (corpus === null || parts === null) return []
  const files = [...parts.levels, { path: parts.summary, threshold: corpus.threshold }]
  const levels: (IndexFacts | null)[] = []
  for (const { path, threshold } of files.sort((a, b) => a.threshold - b.threshold)) {
    const isRunThreshold = path === parts.summary
    const own = isRunThreshold ? facts : await readLevel(opened, { path, threshold }, manifest, report)
    const below = levels.findLast((level) => level !== null)
    if (own !== null && below) verifyMonotone(below, own, report)
    levels.push(own)
  }
  return levels
}

async function readLevel(
  { index, summary }: OpenedIndex,
  { path, threshold }: { readonly path: string; readonly threshold: number },
  manifest: Manifest,
  report: Report,
): Promise<IndexFacts | null> {
  let facts: IndexFacts | null = null
  await reportFailures(report, async () => {
    const { corpus } = manifest
    if (corpus === null) return
    const level = await index.openLevel(path, summary)
    facts = readIndexFacts(level, corpus, threshold)
    verifyLevelTables(level, path, manifest, facts, report)
    level.close()
  })
  return facts
}

/** Checks every file of detail; false where one of them could not be read. */
async function verifyDetails(
  index: BundleIndex,
  { modules, index: parts }: Manifest,
  {
    facts,
    stories,
    digests,
  }: { readonly facts: IndexFacts; readonly stories: StoryTokens; readonly digests: CountDigests },
  report: Report,
  onProgress: Terminal['onProgress'],
): Promise<boolean> {
  let isRead = true
  const details = parts?.details ?? []
  for (const { path, c } of modules) {
    verifyTiles(
      `detail of ${path}`,
      details.filter(({ module }) => module === path),
      c,
      report,
    )
  }
  for (const file of details) {
    const isFileRead = await reportFailures(report, async () => {
      const detail = await index.open(file.path)
      verifyDetail(detail, file, facts, stories, report, digests)
      detail.close()
    })
    isRead &&= isFileRead
    const module = modules.findIndex(({ path }) => path === file.module)
    if (file.end !== modules[module]?.c) continue
    onProgress({ label: 'verifying detail', done: module + 1, total: modules.length, unit: 'modules' })
  }
  return isRead
}

async function verifyTokenFiles(
  index: BundleIndex,
  { index: parts, target_model }: Manifest,
  {
    digests,
    levels,
    facts,
  }: {
    readonly digests: CountDigests | null
    readonly levels: readonly (IndexFacts | null)[]
    readonly facts: IndexFacts
  },
  report: Report,
): Promise<void> {
  const files = parts?.tokens ?? []
  verifyTiles('tokens', files, target_model.vocabulary_size, report)
  const check = createTokenFilesCheck(facts, levels.indexOf(facts), levels.length)
  let isRead = true
  for (const file of files) {
    const isFileRead = await reportFailures(report, async () => {
      const tokens = await index.open(file.path)
      check.addFile(tokens, file, report)
      tokens.close()
    })
    isRead &&= isFileRead
  }
  if (isRead) check.finish(digests, levels, report)
}

/** The corpus as the index holds it, checked; a function that gives null where it holds none. */
async function verifyStories(
  index: BundleIndex,
  { index: parts, corpus, target_model }: Manifest,
  facts: IndexFacts,
  report: Report,
): Promise<StoryTokens> {
  const files = parts?.stories ?? []
  if (files.length === 0) return () => null
  verifyTiles('stories', files, corpus?.source === 'stories' ? corpus.stories : 0, report)
  const tokensOf = new Map<number, Uint32Array>()
  for (const file of files) {
    await reportFailures(report, async () => {
      const stories = await index.open(file.path)
      for (const [story, ids] of readStoryTokens(stories, file, report)) tokensOf.set(story, ids)
      stories.close()
    })
  }
  verifyCorpus(tokensOf, facts.tokens, target_model.context_length, report)
  return (story) => tokensOf.get(story) ?? null
}

/** Runs a check; what it cannot read is a difference, not the end of the command: false. */
async function reportFailures(report: Report, check: () => Promise<void>): Promise<boolean> {
  try {
    await check()
    return true
  } catch (error) {
    if (!(error instanceof AtlasError)) throw error
    report(error.message)
    return false
  }
}
