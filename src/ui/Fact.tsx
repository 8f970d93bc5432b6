import type { ReactNode } from 'react'

interface FactProps {
  readonly name: string
  readonly value: ReactNode
  /** Unit or source, small after the value. */
  readonly detail?: string
}

/** A headline number in a `dl.facts`. */
export function Fact({ name, value, detail }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {detail !== undefined && <small> {detail}</small>}
      </dd>
    </div>
  )
}
