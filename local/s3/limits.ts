// S3's documented limits ("Amazon S3 multipart upload limits", "Naming Amazon S3 objects").

/** Longest key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024;
/** Largest object of a single PUT or copy, and largest part: 5 GiB. */
export const MAX_SINGLE_PUT_BYTES = 5 * 1024 ** 3;
/** Smallest part other than the last: 5 MiB. */
export const MIN_PART_BYTES = 5 * 1024 ** 2;
/** Most parts of one upload, and the highest part number. */
export const MAX_PARTS = 10_000;
/** Most entries of one listing page. */
export const MAX_LISTING = 1000;
/** Most objects of one DeleteObjects request. */
export const MAX_DELETES = 1000;
/** User metadata of one object, names and values together. */
export const MAX_USER_METADATA_BYTES = 2048;
/** Longest retention period: 100 years of 365 days. */
export const MAX_RETENTION_DAYS = 36_500;
/**
 * Largest XML or policy document that is read into memory. The longest lawful one is a list of
 * 1,000 keys whose 1,024 bytes are all written as references of six characters.
 */
export const MAX_DOCUMENT_BYTES = 8 * 1024 ** 2;
