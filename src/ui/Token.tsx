import type { ReactNode } from 'react'

const CONTINUATION = '##'

/** A token as the tokenizer writes it, the `##` of a continued word dimmed, white space kept. */
export function TokenText({ text }: { readonly text: string }): ReactNode {
  if (!text.startsWith(CONTINUATION) || text.length === CONTINUATION.length) return text
  return (
    <>
      <i>{CONTINUATION}</i>
      {text.slice(CONTINUATION.length)}
    </>
  )
}

/** Step of the scale of causal importance, 0 (not active) to 4: above the threshold, 0.25, 0.5 and 0.8. */
export function ciStep(causalImportance: number, threshold: number): 0 | 1 | 2 | 3 | 4 {
  if (causalImportance <= threshold) return 0
  if (causalImportance <= 0.25) return 1
  if (causalImportance <= 0.5) return 2
  return causalImportance <= 0.8 ? 3 : 4
}

/** A token and its count, as tables list them. */
export function TokenCount({ text, count }: { readonly text: string; readonly count: string }) {
  return (
    <span className="tk">
      <TokenText text={text} />
      <small>{count}</small>
    </span>
  )
}

/** The scale by which tokens are shaded. */
export function CiKey({ threshold }: { readonly threshold: number }) {
  return (
    <span className="key">
      CI <span className="t">≤ {threshold}</span>
      <span className="t c1">to 0.25</span>
      <span className="t c2">to 0.5</span>
      <span className="t c3">to 0.8</span>
      <span className="t c4">to 1</span>
    </span>
  )
}
