import { useEffect, useRef } from 'react'

const KEYS: readonly (readonly [string, string])[] = [
  ['/ or ⌘K', 'go to an address or a module'],
  ['[ and ]', 'previous and next: subcomponent by rank, or module'],
  ['r', 'a random subcomponent of the module'],
  ['↑ ↓ Home End', 'move the row in a table'],
  ['Enter', 'open the chosen row'],
  ['← →', 'move the chosen token of a live story'],
  ['Space', 'ablate the chosen subcomponent of a live story'],
  ['?', 'this list'],
  ['Esc', 'close'],
]

interface KeysDialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Lists the keys; modal while open. */
export function KeysDialog({ isOpen, onClose }: KeysDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (isOpen) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen])
  return (
    <dialog ref={dialog} aria-labelledby="keys-title" onClose={onClose}>
      <h2 id="keys-title">Keys</h2>
      <dl className="pairs">
        {KEYS.map(([keys, action]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{action}</dd>
          </div>
        ))}
      </dl>
      <button className="b" type="button" onClick={onClose}>
        Close
      </button>
    </dialog>
  )
}
