/** Version of all documents that gractl prints under `-o json` and `-o ndjson`, and of the files of a workspace. */
export const API_VERSION = "gractl/v1";
