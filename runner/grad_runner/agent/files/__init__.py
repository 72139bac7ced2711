"""Files that user code may change at any time: confined opens, listing, reading, uploads, artifacts. Imports no other
package of the agent."""
