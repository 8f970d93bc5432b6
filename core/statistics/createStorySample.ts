import { storyHash } from './firingHash.ts'

/** Lengths, in tokens, of a story short enough to click on and long enough to be one. */
const MIN_TOKENS = 40
const MAX_TOKENS = 160

/** Keeps the `count` short stories with the smallest hashes of those it is offered, whichever order they come in. */
export function createStorySample(
  seed: number,
  count: number,
): {
  /** Offers a story that was not cut, `tokenCount` tokens long. */
  offer(story: number, tokenCount: number, text: string): void
  /** The stories kept, smallest hash first. */
  stories(): { readonly story: number; readonly text: string }[]
} {
  let kept: { hash: number; story: number; text: string }[] = []
  return {
    offer(story, tokenCount, text) {
      if (tokenCount < MIN_TOKENS || tokenCount > MAX_TOKENS) return
      kept.push({ hash: storyHash(seed, story), story, text })
      kept = kept.sort((a, b) => a.hash - b.hash || a.story - b.story).slice(0, count)
    },
    stories: () => kept.map(({ story, text }) => ({ story, text })),
  }
}
