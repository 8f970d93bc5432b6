import { Loading, Skeleton } from './Loading.tsx'

interface PageSkeletonProps {
  readonly what: string
  readonly progress: { readonly done: number; readonly total: number; readonly unit: string } | null
}

const FACT_WIDTHS = [6, 9, 8, 10, 9, 6]
const ROW_COUNT = 12

/** A page before its data: title, facts and rows in grey, in the sizes they will have. */
export function PageSkeleton({ what, progress }: PageSkeletonProps) {
  return (
    <>
      <title>Loading · SPD Atlas</title>
      <div className="head">
        <p className="title-1">
          <Skeleton width={32} />
        </p>
        <p className="sub">
          <Skeleton width={48} />
        </p>
        <dl className="facts">
          {FACT_WIDTHS.map((width, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
            <div key={i}>
              <dt>
                <Skeleton width={width} />
              </dt>
              <dd>
                <Skeleton width={width} />
              </dd>
            </div>
          ))}
        </dl>
      </div>
      <section className="sec">
        <Loading what={what} progress={progress} />
        <SkeletonRows count={ROW_COUNT} />
      </section>
    </>
  )
}

/** Rows of a table that is yet to come. */
export function SkeletonRows({ count }: { readonly count: number }) {
  return (
    <table aria-hidden="true">
      <tbody>
        {Array.from({ length: count }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
          <tr key={i}>
            <td>
              <Skeleton width={24} />
            </td>
            <td className="n">
              <Skeleton width={8} />
            </td>
            <td className="n">
              <Skeleton width={6} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
