import { Link } from 'react-router'
import type { CoFiringRow } from '../../../core/bundle/queryCoFirings.ts'
import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import type { Table } from '../../../core/tables/formatTable.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { subcomponentPath } from '../../clients/runPaths.ts'
import { formatCount, formatProbability, formatReal } from '../../ui/formatNumber.ts'
import { KindBadge } from '../../ui/KindBadge.tsx'
import { type AssociationColumn, AssociationTable } from './AssociationTable.tsx'
import { coFiringFinding, sampledPositionsNote } from './findings.ts'
import { SaveTable } from './SaveTable.tsx'

interface CoFiringsProps {
  /** Most positions together first; null where the index has none of any subcomponent. */
  readonly partners: readonly CoFiringRow[] | null
  /** Positions counted on; null is all. */
  readonly sampledPositions: number | null
  /** Short address. */
  readonly name: string
}

const COLUMNS: readonly [AssociationColumn<CoFiringRow>, ...AssociationColumn<CoFiringRow>[]] = [
  { label: 'n', readValue: ({ count }) => count, format: formatCount },
  { label: 'P(d | c)', readValue: (row) => row.partnerGivenFires, format: formatProbability },
  { label: 'P(c | d)', readValue: (row) => row.firesGivenPartner, format: formatProbability },
  { label: 'Jaccard', readValue: ({ jaccard }) => jaccard, format: formatProbability },
  { label: 'PMI', readValue: ({ pmi }) => pmi, format: formatReal },
]

/** The subcomponents of all modules that are active together with this one. */
export function CoFirings({ partners, sampledPositions, name }: CoFiringsProps) {
  const { id, corpus, modules, shortNames } = useRun()
  if (partners === null) return <Absent />
  const nameOf = ({ moduleId, subcomponent }: CoFiringRow): string =>
    `${shortNames.get(pathOf(modules, moduleId))}:${subcomponent}`
  return (
    <section className="sec c7" aria-labelledby="co-firings">
      <div className="row between figure-head">
        <h2 id="co-firings">{coFiringFinding(partners, nameOf)}</h2>
        <SaveTable
          table={() => partnersAsTable(partners, modules)}
          fileName={`${id}-${name.replace(':', '-')}-co-firings`}
          what="co-firing partners"
        />
      </div>
      <p className="note">
        {sampledPositionsNote(sampledPositions, corpus.positions)} n of them have both active: this subcomponent c and
        its partner d. The strongest by n, by P(c | d) and by Jaccard are kept. PMI in nats.
      </p>
      {partners.length > 0 && (
        <AssociationTable
          head="partner d"
          columns={COLUMNS}
          rows={partners}
          keyOf={({ moduleId, subcomponent }) => `${moduleId}:${subcomponent}`}
          cell={(row) => <Partner row={row} name={nameOf(row)} />}
          what="partners"
        />
      )}
    </section>
  )
}

function Partner({ row, name }: { readonly row: CoFiringRow; readonly name: string }) {
  const { id, modules } = useRun()
  const path = pathOf(modules, row.moduleId)
  const kind = modules.find(({ moduleId }) => moduleId === row.moduleId)?.kind ?? path
  return (
    <>
      <KindBadge kind={kind} path={path} />
      <Link className="mono" to={subcomponentPath(id, path, row.subcomponent)} title={`${path}:${row.subcomponent}`}>
        {name}
      </Link>
    </>
  )
}

function Absent() {
  return (
    <section className="sec c7" aria-labelledby="co-firings">
      <h2 id="co-firings">Co-firing partners</h2>
      <p className="note">Not in this index: what it was made from counted no subcomponents together.</p>
    </section>
  )
}

function pathOf(modules: readonly ModuleRow[], id: number): string {
  return modules.find(({ moduleId }) => moduleId === id)?.module ?? `module ${id}`
}

function partnersAsTable(partners: readonly CoFiringRow[], modules: readonly ModuleRow[]): Table {
  return {
    columns: ['partner_module', 'partner', 'count', 'p_partner_given_fires', 'p_fires_given_partner', 'jaccard', 'pmi'],
    rows: partners.map((row) => [
      ...[pathOf(modules, row.moduleId), row.subcomponent, row.count],
      ...[row.partnerGivenFires, row.firesGivenPartner, row.jaccard, row.pmi],
    ]),
  }
}
