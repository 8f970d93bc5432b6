import { Component, type ReactNode } from 'react'
import { ErrorNote } from '../ui/ErrorNote.tsx'

interface ErrorBoundaryProps {
  readonly children: ReactNode
}

/** Shows what nobody foresaw, a mistake of ours, instead of an empty page. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null }

  static getDerivedStateFromError(error: unknown): { readonly error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override render() {
    const { error } = this.state
    if (error === null) return this.props.children
    return (
      <>
        <title>Fault · SPD Atlas</title>
        <ErrorNote level={1} title="A fault of SPD Atlas" error={{ message: `${error.name}: ${error.message}` }}>
          <button className="b" type="button" onClick={() => location.reload()}>
            Reload
          </button>
          <a className="b" href="./">
            To the start
          </a>
        </ErrorNote>
      </>
    )
  }
}
