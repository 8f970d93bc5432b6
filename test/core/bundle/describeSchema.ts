import {
  CO_FIRING_SCHEMA,
  DETAIL_SCHEMA,
  HISTOGRAM_SCHEMA,
  OUTPUT_TOKEN_SCHEMA,
  STORIES_SCHEMA,
  TOKENS_SCHEMA,
} from '../../../core/bundle/detailSchema.ts'
import {
  CATEGORY_SCHEMA,
  INDEX_VERSION,
  L0_BY_POSITION_SCHEMA,
  LEVEL_SCHEMA,
  OUTPUT_TOTAL_SCHEMA,
  SAMPLE_SCHEMA,
  SUMMARY_SCHEMA,
} from '../../../core/bundle/indexSchema.ts'
import { invariant } from '../../../core/errors/invariant.ts'

/** docs/index-schema.md: every column of every file of an index, from the SQL that makes them. */
export function describeIndexSchema(): string {
  return `# The index, version ${INDEX_VERSION}

Made from \`core/bundle/indexSchema.ts\` and \`core/bundle/detailSchema.ts\` by their test (\`npx vitest run test/core/bundle/describeSchema.test.ts -u\`). The terms are those of [methods.md](methods.md).

SQLite files, each gzipped; \`user_version\` is the index version. Any other version is refused, and none is changed into another: \`index\` makes a new one from the harvest. Varints are unsigned LEB128: seven bits a byte, lowest first, the top bit set on all but the last. Distances are ascending numbers, each less the one before it (the first of a list less −1), less 1. Byte numbers are a byte each, 255 where a number is 255 or more, and behind all of them, of each such, what is above 255 as a varint. Reals are float32 rounded to twelve significant bits, off by at most 2⁻¹² of themselves: the first byte of each, most significant first, then the second of each, then the third; the fourth is 0. The frequency rank of a token counts from 0 by occurrences, most first, then by the lower id.

\`\`\`sh
gunzip -c index/summary.sqlite.gz > summary.sqlite
sqlite3 -box summary.sqlite "select module, c, active, dead, mean_l0 from module"
\`\`\`

${EXAMPLES.map(({ title, sql }) => `${title}:\n\n\`\`\`sql\n${sql}\n\`\`\`\n`).join('\n')}
${FILES.map(describeFile).join('\n')}
${SIZE}`
}

const SIZE = `## Where the bytes go

[performance.md](performance.md) has the sizes. Columns of a whole file rather than rows, numbers by rank rather than by id, examples that stand in both lists written once, and windows that overlap merged into passages are what gzip cannot find by itself. Token counts remain: most of them are incompressible.
`

const EXAMPLES = [
  {
    title: 'Shares of dead subcomponents with their standard errors',
    sql: 'SELECT module, 1.0 * dead / c AS dead_share, dead_se FROM module ORDER BY module_id',
  },
  {
    title: 'The most active subcomponents of a module and their most frequent token',
    sql: `SELECT module, subcomponent, activation_count, unique_tokens, token
FROM subcomponent JOIN module USING (module_id)
  JOIN top_token USING (module_id, subcomponent) JOIN token USING (token_id)
WHERE top_token.rank = 1 AND subcomponent.rank <= 10
ORDER BY module_id, subcomponent.rank`,
  },
  {
    title: 'P(fires|token) of the tokens a subcomponent fires on most',
    sql: `SELECT token, count, 1.0 * count / occurrences AS fires_given_token
FROM top_token JOIN token USING (token_id) WHERE module_id = 0 AND subcomponent = 0 ORDER BY rank`,
  },
  {
    title: 'Where a category is more of a module than token frequency gives',
    sql: `SELECT module, category, share.active, active_expected
FROM category_share AS share JOIN module USING (module_id)
WHERE share.active > active_expected ORDER BY share.active - active_expected DESC`,
  },
  {
    title: 'L0 along the story',
    sql: 'SELECT module_id, position, 1.0 * firings / stories AS mean_l0 FROM l0_by_position ORDER BY 1, 2',
  },
]

const FILES = [
  {
    name: 'index/summary.sqlite',
    content: 'Fetched first: everything at the run’s threshold that the overview and the tables need.',
    parts: [
      { when: null, schema: SUMMARY_SCHEMA },
      { when: 'Where the harvest has stories', schema: L0_BY_POSITION_SCHEMA },
      { when: 'Where the corpus was tagged', schema: CATEGORY_SCHEMA },
      { when: 'Where co-firing and output tokens are counted on a sample', schema: SAMPLE_SCHEMA },
      { when: 'Where output tokens are known', schema: OUTPUT_TOTAL_SCHEMA },
    ],
  },
  {
    name: 'index/level-<threshold>.sqlite',
    content:
      'The counts at another threshold: `module` and `l0_by_position` as in the summary (`rare_se`, `frequent_se` and `mean_l0_se` are null: firings by block of stories are kept at the run’s threshold alone), and by what the subcomponents differ from the summary. Opened by the atlas, the file has `subcomponent`, `token` and `top_token` too, and every query of the summary works on it; `table subcomponents --threshold` prints them.',
    parts: [{ when: null, schema: LEVEL_SCHEMA }],
  },
  {
    name: 'index/detail-<module_id>-<subcomponent>.sqlite',
    content: 'A block of one module’s subcomponents, from the one in the name on, at the run’s threshold.',
    parts: [
      { when: null, schema: DETAIL_SCHEMA },
      { when: 'Where the harvest has histograms', schema: HISTOGRAM_SCHEMA },
      { when: 'Where output tokens are known', schema: OUTPUT_TOKEN_SCHEMA },
      { when: 'Where co-firing is known', schema: CO_FIRING_SCHEMA },
    ],
  },
  {
    name: 'index/tokens-<token_id>.sqlite',
    content: 'A block of the vocabulary, from the token in the name on.',
    parts: [{ when: null, schema: TOKENS_SCHEMA }],
  },
  {
    name: 'index/stories-<story>.sqlite',
    content: 'A block of the corpus, from the story in the name on; left out by `index --no-stories`.',
    parts: [{ when: null, schema: STORIES_SCHEMA }],
  },
]

function describeFile({ name, content, parts }: (typeof FILES)[number]): string {
  const tables = parts.map(({ when, schema }) => (when === null ? '' : `${when}:\n\n`) + describeSchema(schema))
  return [`## \`${name}\`\n\n${content}\n`, ...tables].join('\n')
}

/** The tables of `schema`, which has a column a line with its meaning behind dashes, in Markdown. */
export function describeSchema(schema: string): string {
  const tables = [...schema.matchAll(/CREATE TABLE (\w+) \([ \t]*(?:--([^\n]*))?\n([\s\S]*?)\n\)/g)]
  return tables.map(([, name = '', comment = '', body = '']) => describeTable(name, comment.trim(), body)).join('\n')
}

function describeTable(name: string, comment: string, body: string): string {
  const lines = body.split('\n').map((line) => line.trim())
  const key = /^PRIMARY KEY \((.*)\)$/.exec(lines.at(-1) ?? '')?.[1]
  const columns = key === undefined ? lines : lines.slice(0, -1)
  const about = [
    comment === '' ? [] : [`${capitalised(escapeCell(comment))}.`],
    key === undefined ? [] : [`Key: ${key}.`],
  ].flat()
  const rows = columns.map(describeColumn)
  const head = ['| column | type | meaning |', '|---|---|---|']
  return [`### \`${name}\``, '', ...(about.length > 0 ? [about.join(' '), ''] : []), ...head, ...rows, ''].join('\n')
}

function describeColumn(line: string): string {
  const [, name, type, constraints = '', meaning] = /^(\w+) (\w+)([^-]*?),?\s*--\s*(.*)$/.exec(line) ?? []
  invariant(name !== undefined && type !== undefined && meaning !== undefined, `schema: no comment in "${line}"`)
  const isKey = constraints.includes('PRIMARY KEY')
  const reference = /REFERENCES (\w+)/.exec(constraints)?.[1]
  const kinds = [
    type.toLowerCase(),
    ...(isKey ? ['key'] : []),
    ...(constraints.includes('UNIQUE') ? ['unique'] : []),
    ...(isKey || constraints.includes('NOT NULL') ? [] : ['may be null']),
    ...(reference === undefined ? [] : [`of \`${reference}\``]),
  ]
  return `| \`${name}\` | ${kinds.join(', ')} | ${escapeCell(meaning)} |`
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<')
}
