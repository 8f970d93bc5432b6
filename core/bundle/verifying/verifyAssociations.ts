import { productSlack } from '../../statistics/countSlack.ts'
import { startsOf } from '../columns/expectLength.ts'
import { REAL_ERROR } from '../columns/roundedReals.ts'
import type { IndexDatabase } from '../IndexDatabase.ts'
import { queryPartners } from '../queryCoFirings.ts'
import { queryTokenMasses } from '../queryOutputTokens.ts'
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
  const partners = queryPartners(detail, moduleStartsOf(modules), c) ?? []
  for (const { moduleId: partnerModule, subcomponent: partner, count } of partners) {
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

function moduleStartsOf(modules: IndexFacts['modules']): Float64Array {
  return startsOf(modules.map(({ subcomponents }) => subcomponents.size))
}

/** Reports output tokens that are none of the index, and masses that are none of their token's. */
export function verifyOutputTokens(
  detail: IndexDatabase,
  { subcomponent: c, activationCount, sampledCount }: SubcomponentFacts,
  { tokens }: IndexFacts,
  place: string,
  report: Report,
): void {
  const F = sampledCount ?? activationCount
  const most = (F + productSlack(F)) * (1 + REAL_ERROR)
  for (const { tokenId, mass } of queryTokenMasses(detail, tokens, c) ?? []) {
    const token = tokens.byId.get(tokenId)
    if (token === undefined) report(`${place}: has output token ${tokenId}, which is none of the index`)
    else if (!(mass > 0 && mass <= most)) {
      report(`${place}: output token "${token.token}" has mass ${mass}, expected more than 0 and at most ${F}`)
    }
  }
}
