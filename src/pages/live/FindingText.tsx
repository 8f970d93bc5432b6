import { TokenText } from '../../ui/Token.tsx'
import type { Finding } from './findings.ts'

/** A finding with its tokens as chips. */
export function FindingText({ finding }: { readonly finding: Finding }) {
  return finding.map((part, i) =>
    typeof part === 'string' ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a sentence never move
      <span className="t in-title" key={i}>
        <TokenText text={part.token} />
      </span>
    ),
  )
}
