import { AtlasError } from '../core/errors/AtlasError.ts'
import type { Reply, ReplyError } from './contracts/Reply.ts'

/** Runs `task` and turns what it returns or throws into a Reply, the only form in which an answer leaves a worker. */
export async function reply<T>(task: () => T | Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await task() }
  } catch (error) {
    return { ok: false, error: describeFailure(error) }
  }
}

function describeFailure(error: unknown): ReplyError {
  if (error instanceof AtlasError) return { code: error.code, message: error.message, details: error.details }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return { code: 'bug', message, details: {} }
}
