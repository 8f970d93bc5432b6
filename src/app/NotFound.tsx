import { Link, useLocation } from 'react-router'
import { ErrorNote } from '../ui/ErrorNote.tsx'
import { Bar } from './Bar.tsx'

/** The page of an address that leads nowhere. */
export function NotFound() {
  const { pathname } = useLocation()
  return (
    <>
      <title>Not found · SPD Atlas</title>
      <Bar runId={null} threshold={null} find={<span className="find" />} />
      <main id="main" tabIndex={-1}>
        <ErrorNote level={1} title="No such page" error={{ message: `#${pathname}: no page has this address` }}>
          <Link className="b" to="/">
            All runs
          </Link>
        </ErrorNote>
      </main>
    </>
  )
}
