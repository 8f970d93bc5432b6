/** Longest line of a .jsonl file and longest story of any: some thousand times a context of 512 tokens. */
export const MAX_STORY_BYTES = 4 * 2 ** 20

/** English text packs to a third or a fifth by gzip, deflate's own bound is 1032: a hundredfold growth is no text. */
export const MAX_GZIP_EXPANSION = 100
/** Growth is not judged below this size, since a small file may well be one story over and over. */
export const GZIP_EXPANSION_FLOOR_BYTES = 16 * 2 ** 20

/** A parquet file's footer describes each column of each row group: about 1 kB for twenty columns. */
export const MAX_PARQUET_FOOTER_BYTES = 64 * 2 ** 20
/** A page's header is some dozen bytes, and the least and greatest string where the writer keeps them whole. */
export const MAX_PARQUET_PAGE_HEADER_BYTES = 2 ** 20
/** Writers aim at pages of 1 MB; those that do not page make one of a whole row group. */
export const MAX_PARQUET_PAGE_BYTES = 512 * 2 ** 20
/** Values of a page: row groups of a million are usual. */
export const MAX_PARQUET_PAGE_VALUES = 2 ** 24
