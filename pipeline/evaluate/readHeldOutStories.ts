import type { Evaluation } from '../../core/bundle/manifest.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { createTokenizer } from '../../core/tokenizer/createTokenizer.ts'
import type { BundleFolder } from '../node/openBundleFolder.ts'
import { hashOfFile } from '../stories/hashOfFile.ts'
import { readStories, type StoryOptions, withoutEmptyStories } from '../stories/readStories.ts'

/** Stories as token ids, each with what the tokenizer adds ([EOS]) and cut at the context. */
export interface HeldOutStories {
  readonly stories: readonly (readonly number[])[]
  readonly positionCount: number
  /** The files that gave a story, in the order read. */
  readonly sources: Evaluation['sources']
}

/** Reads stories up to the one that would go beyond `limitPositions`; empty ones are left out. */
export async function readHeldOutStories(
  { manifest, read }: BundleFolder,
  paths: readonly string[],
  { limitPositions, ...options }: StoryOptions & { readonly limitPositions: number },
): Promise<HeldOutStories> {
  const tokenizer = createTokenizer(new TextDecoder().decode(await read(manifest.tokenizer)), manifest.tokenizer)
  const source = readStories(paths, options)
  const stories: (readonly number[])[] = []
  const bySource = new Map<string, number>()
  let positionCount = 0
  for await (const { text, source: name } of withoutEmptyStories(source)) {
    const ids = tokenizer.encode(text).ids.slice(0, manifest.target_model.context_length)
    if (positionCount + ids.length > limitPositions) {
      if (stories.length > 0) break
      throw new AtlasError(
        'arguments/invalid',
        `--limit-positions ${limitPositions}: the first story alone has ${ids.length}`,
      )
    }
    stories.push(ids)
    positionCount += ids.length
    bySource.set(name, (bySource.get(name) ?? 0) + 1)
  }
  if (stories.length === 0) throw new AtlasError('arguments/invalid', `--stories ${paths.join(' ')}: no story in them`)
  const used = source.counts.sources.filter(({ source: name }) => bySource.has(name))
  const sources = await Promise.all(
    used.map(async ({ source: name, path }) => {
      const { sha256 } = await hashOfFile(path)
      return { name, sha256, stories: bySource.get(name) ?? 0 }
    }),
  )
  return { stories, positionCount, sources }
}
