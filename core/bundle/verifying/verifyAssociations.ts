import { productSlack } from '../../statistics/countSlack.ts'
import { hasTable, type IndexDatabase, queryRows } from '../IndexDatabase.ts'
import { queryPartners } from '../queryCoFirings.ts'
import type { IndexFacts, SubcomponentFacts } from './IndexFacts.ts'
import type { Report } from './Report.ts'

/** Reports partners that are none of the run, or that are active together with a subcomponent more often than alone. */
export function verifyCoFirings(
  detail: IndexDatabase,
  { moduleId, subcomponent: c, activationCount, sampledCount }: SubcomponentFacts,
  { modules, countSlack }: IndexFacts,
  place: string,
  report: Report,
): void {
  if (!hasTable(detail, 'co_firing')) return
  for (const { moduleId: partnerModule, subcomponent: partner, count } of queryPartners(detail, c)) {
    const name = `${modules[partnerModule]?.path ?? `module ${partnerModule}`}:${partner}`
    const found = modules[partnerModule]?.subcomponents.get(partner)
    if (found === undefined) report(`${place}: fires with ${name}, which is none of the run`)
    else if (partnerModule === moduleId && partner === c) report(`${place}: fires with itself`)
    else {
      const most = Math.min(sampledCount ?? activationCount, found.sampledCount ?? found.activationCount)
      if (count >= 1 && count <= most + countSlack(most)) continue
      report(`${place}: fires ${count} times with ${name}, expected 1 to ${most}`)
    }
  }
}

/** Reports output tokens that are none of the index, and masses that are none of their token's. */
export function verifyOutputTokens(
  detail: IndexDatabase,
  { subcomponent: c, activationCount, sampledCount }: SubcomponentFacts,
  { tokens }: IndexFacts,
  place: string,
  report: Report,
): void {
  if (!hasTable(detail, 'output_token')) return
  const sql = 'SELECT token_id, mass FROM output_token WHERE subcomponent = ?'
  const F = sampledCount ?? activationCount
  const rows = queryRows(detail, sql, [c], (row) => ({ tokenId: row.integer('token_id'), mass: row.number('mass') }))
  for (const { tokenId, mass } of rows) {
    const token = tokens.byId.get(tokenId)
    if (token === undefined) report(`${place}: has output token ${tokenId}, which is none of the index`)
    else if (!(mass > 0 && mass <= F + productSlack(F))) {
      report(`${place}: output token "${token.token}" has mass ${mass}, expected more than 0 and at most ${F}`)
    }
  }
}
