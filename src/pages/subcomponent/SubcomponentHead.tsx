import { useMemo } from 'react'
import { Link, useNavigate } from 'react-router'
import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import type { SubcomponentRow } from '../../../core/bundle/querySubcomponent.ts'
import { fullAddress } from '../../../core/decomposition/addresses.ts'
import type { SubcomponentDescription } from '../../../workers/contracts/IndexApi.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { livePath, modulePath, subcomponentPath } from '../../clients/runPaths.ts'
import { useRandomSubcomponent } from '../../clients/useRandomSubcomponent.ts'
import { ClassLabel } from '../../ui/ClassGlyph.tsx'
import { CopyLink } from '../../ui/CopyLink.tsx'
import { Fact } from '../../ui/Fact.tsx'
import { formatCount, formatPercent, formatShare } from '../../ui/formatNumber.ts'
import { KindBadge } from '../../ui/KindBadge.tsx'
import { useKeys } from '../../ui/useKeys.ts'
import { concentrationDetail } from './findings.ts'

interface SubcomponentHeadProps {
  readonly module: ModuleRow
  readonly description: SubcomponentDescription
}

/** Address, rank, the ways on, and the headline numbers. */
export function SubcomponentHead({ module, description }: SubcomponentHeadProps) {
  const { id, shortNames } = useRun()
  const { row } = description
  const address = fullAddress(module.module, row.subcomponent)
  return (
    <div className="head">
      <p className="sub crumb">
        <Link to={modulePath(id, module.module)}>{module.module}</Link> ·{' '}
        {row.rank === null
          ? `dead, one of ${formatCount(module.dead)}`
          : `rank ${formatCount(row.rank)} of ${formatCount(module.active)} by activation count`}
      </p>
      <div className="row between">
        <h1 className="addr" title={address}>
          <KindBadge kind={module.kind} path={module.module} />
          {shortNames.get(module.module)}:{row.subcomponent}
        </h1>
        <div className="row">
          <Neighbours module={module} description={description} />
          <CopyLink />
          {row.rank !== null && (
            <Link className="b primary" to={`${livePath(id)}?ablate=${encodeURIComponent(address)}`}>
              Ablate in a story
            </Link>
          )}
        </div>
      </div>
      <SubcomponentFacts row={row} />
    </div>
  )
}

function SubcomponentFacts({ row }: { readonly row: SubcomponentRow }) {
  return (
    <dl className="facts">
      <Fact name="activation count" value={formatCount(row.activationCount)} />
      <Fact name="unique tokens" value={formatCount(row.uniqueTokens)} />
      <Fact name="class" value={<ClassLabel name={row.class} />} />
      <Fact name="firing density" value={formatPercent(row.firingDensity)} detail="%" />
      {row.meanCi === null ? (
        <Fact name="mean CI" value="–" detail="not in the harvest" />
      ) : (
        <Fact name="mean CI" value={formatShare(row.meanCi)} />
      )}
      {row.activationCount > 0 && (
        <Fact
          name="high concentration"
          value={row.isHighConcentration ? 'yes' : 'no'}
          detail={concentrationDetail(row)}
        />
      )}
    </dl>
  )
}

/** The subcomponents one rank up and down, and a random one; also by [, ] and r. */
function Neighbours({ module, description }: SubcomponentHeadProps) {
  const { id } = useRun()
  const { previous, next } = description
  const navigate = useNavigate()
  const random = useRandomSubcomponent(module)
  const actions = useMemo(() => {
    const goTo = (target: number | null) => () => {
      if (target !== null) void navigate(subcomponentPath(id, module.module, target))
    }
    return { '[': goTo(previous), ']': goTo(next), r: random.run }
  }, [id, module, navigate, previous, next, random.run])
  useKeys(actions)
  return (
    <span className="row tight">
      {previous !== null && (
        <Link
          className="b"
          to={subcomponentPath(id, module.module, previous)}
          title="One rank up, key ["
          aria-label={`Previous by rank: ${previous}`}
        >
          ← {previous}
        </Link>
      )}
      {next !== null && (
        <Link
          className="b"
          to={subcomponentPath(id, module.module, next)}
          title="One rank down, key ]"
          aria-label={`Next by rank: ${next}`}
        >
          {next} →
        </Link>
      )}
      {module.active > 0 && (
        <button
          className="b"
          type="button"
          title="A random active subcomponent of the module, key r"
          onClick={random.run}
        >
          Random
        </button>
      )}
      {random.error !== null && <span role="alert">! Error: {random.error.message}</span>}
    </span>
  )
}
