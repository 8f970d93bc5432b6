interface KindMark {
  readonly letter: string
  /** CSS variable of tokens.css. */
  readonly color: string
  readonly isMlp: boolean
}

const KIND_MARKS: Readonly<Record<string, KindMark>> = {
  q_proj: { letter: 'q', color: 'var(--kind-q)', isMlp: false },
  k_proj: { letter: 'k', color: 'var(--kind-k)', isMlp: false },
  v_proj: { letter: 'v', color: 'var(--kind-v)', isMlp: false },
  o_proj: { letter: 'o', color: 'var(--kind-o)', isMlp: false },
  c_attn: { letter: 'a', color: 'var(--kind-q)', isMlp: false },
  gate_proj: { letter: 'g', color: 'var(--kind-gate)', isMlp: true },
  up_proj: { letter: 'u', color: 'var(--kind-up)', isMlp: true },
  c_fc: { letter: 'f', color: 'var(--kind-up)', isMlp: true },
  down_proj: { letter: 'd', color: 'var(--kind-down)', isMlp: true },
}

/** Letter, colour and shape of a module: round for attention, square for the MLP, an own letter for any other kind. */
export function kindMark(kind: string, modulePath: string): KindMark {
  const isMlp = /(^|\.)mlp\./.test(modulePath)
  const known = KIND_MARKS[kind]
  if (known !== undefined) return known
  const letter = kind.replace(/^c_/, '').slice(0, 1)
  return { letter, color: isMlp ? 'var(--kind-down)' : 'var(--kind-o)', isMlp }
}

/** The badge that stands before a module's name. */
export function KindBadge({ kind, path }: { readonly kind: string; readonly path: string }) {
  const { letter, color, isMlp } = kindMark(kind, path)
  return (
    <span className={isMlp ? 'kind mlp' : 'kind'} style={{ color }} title={kind} aria-hidden="true">
      <b>{letter}</b>
    </span>
  )
}
