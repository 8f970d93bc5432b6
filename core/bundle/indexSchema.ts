/**
 * The index: SQLite files written by `index` and read in the tab. Every file carries INDEX_VERSION as user_version;
 * any other number is refused, none is ever changed into another. Column names are those of the methods page and of
 * `table`. docs/index-schema.md is made of this text: a column a line, its meaning behind the dashes.
 */
export const INDEX_VERSION = 3

/** Part of the summary and, with the counts at another threshold, of every level's file. */
export const MODULE_SCHEMA = `
CREATE TABLE module (
  module_id INTEGER PRIMARY KEY,              -- order of execution, from 0
  module TEXT NOT NULL UNIQUE,                -- path of the weight in the target model
  layer INTEGER,                              -- number of the transformer block; null outside of them
  kind TEXT NOT NULL,                         -- q_proj, up_proj, ...
  c INTEGER NOT NULL,                         -- number of subcomponents
  active INTEGER NOT NULL,                    -- subcomponents with at least one firing
  dead INTEGER NOT NULL,                      -- with none
  rare INTEGER NOT NULL,                      -- with 1 to 100
  frequent INTEGER NOT NULL,                  -- with more
  truly_monosemantic INTEGER NOT NULL,        -- active subcomponents with 1 unique token
  highly_specialised INTEGER NOT NULL,        -- with 2 to 5
  specialised INTEGER NOT NULL,               -- with 6 to 20
  moderate INTEGER NOT NULL,                  -- with 21 to 100
  polysemantic INTEGER NOT NULL,              -- with more
  median_unique_tokens REAL,                  -- over active subcomponents; null where none is
  mean_l0 REAL NOT NULL,                      -- active subcomponents a position
  bimodality REAL,                            -- share of the active with 1-5 or more than 100 unique tokens; null where none is
  dead_se REAL,                               -- jackknife standard error of dead / c; this and those below null where not known
  rare_se REAL,                               -- of rare / c; at the run's threshold alone
  frequent_se REAL,                           -- of frequent / c; at the run's threshold alone
  truly_monosemantic_se REAL,                 -- of truly_monosemantic / active
  highly_specialised_se REAL,                 -- of highly_specialised / active
  specialised_se REAL,                        -- of specialised / active
  moderate_se REAL,                           -- of moderate / active
  polysemantic_se REAL,                       -- of polysemantic / active
  median_unique_tokens_se REAL,               -- of median_unique_tokens
  mean_l0_se REAL,                            -- of mean_l0; at the run's threshold alone
  bimodality_se REAL                          -- of bimodality
);
`

/** Part of the summary; a level's file tells these by their differences from the summary's, and has them once it is opened. */
export const SUBCOMPONENT_SCHEMA = `
CREATE TABLE subcomponent (
  module_id INTEGER NOT NULL REFERENCES module, -- its module
  subcomponent INTEGER NOT NULL,              -- 0 <= subcomponent < c
  activation_count INTEGER NOT NULL,          -- F, positions where its causal importance exceeds the file's threshold
  unique_tokens INTEGER NOT NULL,             -- distinct tokens at those positions
  class TEXT NOT NULL,                        -- dead, truly_monosemantic, highly_specialised, specialised, moderate, polysemantic
  mean_ci REAL,                               -- over all positions, the same at every threshold; null where the harvest did not keep it
  firing_density REAL NOT NULL,               -- F / N
  top10_count INTEGER NOT NULL,               -- firings on its ten most frequent tokens
  high_concentration INTEGER NOT NULL,        -- 1 where top10_count / activation_count > 0.9
  rank INTEGER,                               -- 1 is the most active of its module, lower number first on ties; null where dead
  write_norm REAL NOT NULL,                   -- length of the write vector U[c]
  rarefied_unique_tokens REAL,                -- expected unique tokens among 100 of its firings, to 1/256; null where F < 100
  sampled_count INTEGER,                      -- firings on the sampled positions; null without a sample and at other thresholds than the run's
  PRIMARY KEY (module_id, subcomponent)
) WITHOUT ROWID;
CREATE TABLE token (                          -- the vocabulary
  token_id INTEGER PRIMARY KEY,               -- in the vocabulary
  token TEXT NOT NULL,                        -- as the tokenizer writes it
  occurrences INTEGER NOT NULL,               -- T, positions of the corpus that hold it
  category TEXT,                              -- part of speech it has most often, the first of the list on ties; null where it was not tagged
  category_agreement REAL,                    -- share of its tagged occurrences in that category
  is_piece INTEGER                            -- 1 for a piece that continues a word, whose category is the word's; null where not tagged
);
CREATE TABLE top_token (                      -- the ten most frequent, more firings first, then the lower id
  module_id INTEGER NOT NULL,                 -- with subcomponent, whose
  subcomponent INTEGER NOT NULL,              -- its number in the module
  rank INTEGER NOT NULL,                      -- from 1
  token_id INTEGER NOT NULL REFERENCES token, -- the token
  count INTEGER NOT NULL,                     -- m, positions holding it where the subcomponent is active
  PRIMARY KEY (module_id, subcomponent, rank)
) WITHOUT ROWID;
`

/** Part of every level's file: what tells its subcomponents from those of the summary. */
export const LEVEL_SCHEMA = `
CREATE TABLE difference (                     -- one row: how the numbers of every subcomponent, by address, differ from those of the summary
  sign INTEGER NOT NULL,                      -- 1 below the run's threshold, where no count is less than the summary's; -1 above, where none is more
  activation_counts BLOB NOT NULL,            -- varints: difference of F
  unique_tokens BLOB NOT NULL,                -- varints: difference of the unique tokens
  rarefied_unique_tokens BLOB NOT NULL,       -- varints: 0 for null; else, of 256 times the difference d (from 0 where the summary has null), 1 + 2 d, or -2 d where d is negative
  top_places BLOB NOT NULL,                   -- varints: of each of the (at most) ten most frequent tokens, its place in the summary's list, from 0, without those named before it; 10 where it is not there
  top_counts BLOB NOT NULL,                   -- varints: of those that are there, the difference of m
  other_ranks BLOB NOT NULL,                  -- varints: of those that are not, the frequency rank
  other_counts BLOB NOT NULL                  -- varints: of those that are not, m less 1
);
`

/** Part of the summary and of every level's file where the harvest has stories. */
export const L0_BY_POSITION_SCHEMA = `
CREATE TABLE l0_by_position (
  module_id INTEGER NOT NULL REFERENCES module, -- the module
  position INTEGER NOT NULL,                  -- in the story, from 0
  stories INTEGER NOT NULL,                   -- stories that reach it
  firings INTEGER NOT NULL,                   -- subcomponents active there, summed over the stories; firings / stories is the mean L0
  PRIMARY KEY (module_id, position)
) WITHOUT ROWID;
`

/** One small file, fetched first: everything the overview and the tables need, at the run's threshold. */
export const SUMMARY_SCHEMA = `${MODULE_SCHEMA}${SUBCOMPONENT_SCHEMA}
CREATE TABLE level (                          -- thresholds at which counts are kept
  level INTEGER PRIMARY KEY,                  -- from 0, ascending
  threshold REAL NOT NULL UNIQUE              -- active is strictly more
);
CREATE TABLE example_story (                  -- short stories of the corpus, to click on
  rank INTEGER PRIMARY KEY,                   -- from 1
  story INTEGER NOT NULL,                     -- index in the corpus, from 0
  title TEXT NOT NULL,                        -- its first words
  text TEXT NOT NULL                          -- whole
);
`

/** Part of the summary where the corpus was tagged. */
export const CATEGORY_SCHEMA = `
CREATE TABLE category (
  category TEXT PRIMARY KEY,                  -- part of speech, or special
  rank INTEGER NOT NULL UNIQUE,               -- order of the list, from 0
  vocabulary_share REAL NOT NULL,             -- of the tokens that occur and have a category, those of this one
  occurrence_share REAL NOT NULL              -- of the positions that hold such tokens, those of this one's
) WITHOUT ROWID;
CREATE TABLE category_share (                 -- four readings of a category's share of a module, and what token frequency alone would give
  module_id INTEGER NOT NULL REFERENCES module, -- the module
  category TEXT NOT NULL REFERENCES category, -- the category
  high_concentration REAL,                    -- share of the high-concentration subcomponents whose most frequent token is of it; null where none is
  high_concentration_expected REAL,           -- the same where firings are drawn by token frequency alone
  active REAL,                                -- share of the active subcomponents whose most frequent token is of it; null where none is
  active_expected REAL,                       -- the same where firings are drawn by token frequency alone
  firings REAL,                               -- share of a subcomponent's firings on its tokens, mean over the active; expected is category.occurrence_share
  tokens REAL,                                -- share of the module's subcomponents that a token of it activates, mean over those that occur
  tokens_expected REAL,                       -- the same where firings are drawn by token frequency alone
  PRIMARY KEY (module_id, category)
) WITHOUT ROWID;
`

/** Part of the summary where co-firing and output tokens were counted on sampled positions alone. */
export const SAMPLE_SCHEMA = `
CREATE TABLE sample (                         -- one row
  positions INTEGER NOT NULL,                 -- that co_firing, output_token and output_total are counted on
  drawn INTEGER NOT NULL                      -- by hash from all positions, of which those are the first
);
`

/** Part of the summary where the harvest has output tokens; without the table nothing is known, which is not zero. */
export const OUTPUT_TOTAL_SCHEMA = `
CREATE TABLE output_total (                   -- of the target model's output
  token_id INTEGER PRIMARY KEY REFERENCES token, -- the token
  mass REAL NOT NULL                          -- its probability, summed over all positions, or the sampled ones where there is a sample
);
`
