import { useState } from 'react'
import type { SubcomponentQuery } from '../../../core/bundle/querySubcomponents.ts'
import { AtlasError } from '../../../core/errors/AtlasError.ts'
import type { ExportFormat } from '../../../workers/contracts/IndexApi.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { CSV_TYPE, JSON_TYPE, saveFile } from '../../ui/saveFile.ts'

type Outcome =
  | { readonly kind: 'idle' }
  | { readonly kind: 'writing'; readonly format: ExportFormat }
  | { readonly kind: 'failed'; readonly error: Error }

interface TableExportsProps {
  readonly query: SubcomponentQuery
  readonly fileName: string
}

/** Saves every row of a query, not only those in view; the worker writes the file. */
export function TableExports({ query, fileName }: TableExportsProps) {
  const { index } = useRun()
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'idle' })
  if (outcome.kind === 'failed' && !(outcome.error instanceof AtlasError)) throw outcome.error
  const save = (format: ExportFormat) => {
    setOutcome({ kind: 'writing', format })
    index.exportSubcomponents(query, format).then(
      (text) => {
        saveFile(`${fileName}.${format}`, text, format === 'csv' ? CSV_TYPE : JSON_TYPE)
        setOutcome({ kind: 'idle' })
      },
      (error: Error) => setOutcome({ kind: 'failed', error }),
    )
  }
  return (
    <span className="row tight">
      <button className="b" type="button" title="All filtered rows" onClick={() => save('csv')}>
        CSV
      </button>
      <button className="b" type="button" title="All filtered rows" onClick={() => save('json')}>
        JSON
      </button>
      <span className="status" role="status">
        {outcome.kind === 'writing' && `writing ${outcome.format.toUpperCase()}`}
        {outcome.kind === 'failed' && `! Error: ${outcome.error.message}`}
      </span>
    </span>
  )
}
