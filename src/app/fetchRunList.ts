import * as v from 'valibot'
import { AtlasError } from '../../core/errors/AtlasError.ts'

const runListSchema = v.array(v.object({ id: v.pipe(v.string(), v.regex(/^[\w.-]+$/)), title: v.string() }))

/** The runs bundled with the page. */
export type RunList = v.InferOutput<typeof runListSchema>

/** Absolute URL of the folder of a bundled run, ending in a slash. */
export function runUrl(id: string): string {
  return new URL(`runs/${encodeURIComponent(id)}/`, document.baseURI).href
}

/** Reads runs/runs.json beside the page. */
export async function fetchRunList(): Promise<RunList> {
  const url = new URL('runs/runs.json', document.baseURI).href
  const response = await fetch(url).catch((cause: unknown) => {
    throw new AtlasError('source/unreachable', `${url}: ${String(cause)}`, { cause })
  })
  if (!response.ok) throw new AtlasError('source/unreachable', `${url}: the host answers ${response.status}`)
  const json: unknown = await response.json().catch((cause: unknown) => {
    throw new AtlasError('bundle/corrupt', `${url}: not JSON, expected a list of runs`, { cause })
  })
  const parsed = v.safeParse(runListSchema, json)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new AtlasError('bundle/corrupt', `${url}, ${v.getDotPath(issue) ?? 'root'}: ${issue.message}`)
}
