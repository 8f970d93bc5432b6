import { AtlasError } from '../../core/errors/AtlasError.ts'
import { InvariantViolation } from '../../core/errors/invariant.ts'
import type { Reply } from '../../workers/contracts/Reply.ts'

/** The value of a Reply; throws an AtlasError for a foreseen failure, an InvariantViolation for a bug in the worker. */
export function unwrapReply<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value
  const { code, message, details } = reply.error
  if (code === 'bug') throw new InvariantViolation(message)
  throw new AtlasError(code, message, { details })
}
