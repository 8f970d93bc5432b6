import { type KeyboardEvent, memo, type ReactNode, useEffect, useRef } from 'react'
import { cellAfterKey } from '../../charts/heatStripLayout.ts'
import { formatReal } from '../../ui/formatNumber.ts'
import { ciStep, TokenText } from '../../ui/Token.tsx'

interface StoryTokensProps {
  readonly tokens: readonly string[]
  /** Causal importance at each token; null where nothing shades the story. */
  readonly shading: Float32Array | null
  readonly threshold: number
  readonly chosen: number | null
  /** First position longer than what the run was trained on; null where there is none. */
  readonly beyond: number | null
  readonly onChoose: (position: number) => void
}

/** The story as the tokenizer sees it, a chip a token; arrows move the chosen one. */
export function StoryTokens({ tokens, shading, threshold, chosen, beyond, onChoose }: StoryTokensProps) {
  const list = useRef<HTMLDivElement>(null)
  useChosenInView(list, chosen)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown' || event.ctrlKey || event.metaKey || event.altKey) return
    const cell = { position: chosen ?? 0, module: null }
    const next = cellAfterKey(event.key, cell, { positions: tokens.length, modules: 0 })
    if (next === null) return
    event.preventDefault()
    onChoose(next.position)
  }
  return (
    <div
      className="story"
      ref={list}
      role="listbox"
      aria-label="Tokens of the story"
      aria-orientation="horizontal"
      aria-activedescendant={chosen === null ? undefined : chipId(chosen)}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        const chip = event.target instanceof Element ? event.target.closest('[data-position]') : null
        if (chip !== null) onChoose(Number(chip.getAttribute('data-position')))
      }}
    >
      {tokens.map((token, position) => (
        <Chip
          // biome-ignore lint/suspicious/noArrayIndexKey: a position is what a chip is
          key={position}
          position={position}
          token={token}
          causalImportance={shading?.[position] ?? null}
          threshold={threshold}
          isChosen={position === chosen}
          isBeyond={beyond !== null && position >= beyond}
        />
      ))}
    </div>
  )
}

const chipId = (position: number): string => `token-${position}`

interface ChipProps {
  readonly position: number
  readonly token: string
  readonly causalImportance: number | null
  readonly threshold: number
  readonly isChosen: boolean
  readonly isBeyond: boolean
}

const Chip = memo(function Chip(props: ChipProps): ReactNode {
  const { position, token, causalImportance, threshold, isChosen, isBeyond } = props
  const step = causalImportance === null ? 0 : ciStep(causalImportance, threshold)
  const classes = ['t', step > 0 && `c${step}`, isChosen && 'on', isBeyond && 'beyond']
  const shade = causalImportance === null ? '' : `, CI ${formatReal(causalImportance)}`
  return (
    <span
      id={chipId(position)}
      className={classes.filter(Boolean).join(' ')}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      data-position={position}
      title={`position ${position}${shade}${isBeyond ? ', beyond the trained length' : ''}`}
    >
      <TokenText text={token} />
    </span>
  )
})

/** Scrolls the list, never the page, when the chosen chip is out of its view. */
function useChosenInView(list: { readonly current: HTMLDivElement | null }, chosen: number | null): void {
  useEffect(() => {
    const box = list.current
    const chip = chosen === null ? null : box?.children[chosen]
    if (!(chip instanceof HTMLElement) || box === null) return
    const top = chip.offsetTop - box.offsetTop
    if (top < box.scrollTop || top + chip.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = top - box.clientHeight / 2
    }
  }, [list, chosen])
}
