import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { readAddress } from '../../core/decomposition/addresses.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { Run } from '../clients/RunContext.tsx'
import { modulePath, subcomponentPath } from '../clients/runPaths.ts'
import { useKeys } from '../ui/useKeys.ts'

/** A field that goes to the page of an address or a module; what it does not know it says. */
export function JumpField({ run }: { readonly run: Run }) {
  const [text, setText] = useState('')
  const [refusal, setRefusal] = useState<string | null>(null)
  const input = useRef<HTMLInputElement>(null)
  const navigate = useNavigate()
  const listId = useId()
  useFocusKeys(input)

  const change = (next: string) => {
    setText(next)
    setRefusal(null)
  }
  const go = (event: FormEvent) => {
    event.preventDefault()
    const found = findPath(text, run)
    if (found.path === null) return setRefusal(found.refusal)
    change('')
    input.current?.blur()
    navigate(found.path)
  }
  return (
    <search className="find">
      <form onSubmit={go}>
        <input
          ref={input}
          value={text}
          onChange={(event) => change(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && change('')}
          placeholder="Address or module"
          aria-label="Go to an address, such as l0.q:26, or a module"
          aria-invalid={refusal !== null}
          list={listId}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
        <span className="hint">/</span>
        <datalist id={listId}>
          {run.modules.map(({ module }) => (
            <option key={module} value={run.shortNames.get(module)}>
              {module}
            </option>
          ))}
        </datalist>
        {refusal !== null && <p role="alert">{refusal}</p>}
      </form>
    </search>
  )
}

type Found = { readonly path: string } | { readonly path: null; readonly refusal: string }

function findPath(text: string, { id, manifest }: Run): Found {
  try {
    const { module, subcomponent } = readAddress(text, manifest.modules)
    const path = subcomponent === null ? modulePath(id, module.path) : subcomponentPath(id, module.path, subcomponent)
    return { path }
  } catch (error) {
    if (error instanceof AtlasError) return { path: null, refusal: error.message }
    throw error
  }
}

/** `/` from anywhere but a field, and ⌘K or Ctrl K from everywhere. */
function useFocusKeys(input: React.RefObject<HTMLInputElement | null>): void {
  const [slash] = useState(() => ({ '/': () => input.current?.focus() }))
  useKeys(slash)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      input.current?.focus()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [input])
}
