// Stand-in for denort: runs what `deno compile` (2.9.x) embedded in this ELF
// file with the `deno` named by $DENO (or found on PATH), under the
// permissions baked in at compile time. For machines that cannot download
// denort: see build.ts beside this folder.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef DEFAULT_DENO
#define DEFAULT_DENO "deno"
#endif

static void die(const char *m) { fprintf(stderr, "denort stand-in: %s\n", m); exit(70); }
static uint64_t u64(const char *p) { uint64_t v; memcpy(&v, p, 8); return v; }
static uint32_t u32(const char *p) { uint32_t v; memcpy(&v, p, 4); return v; }
static char *argv2[4096]; static int argc2;
static void arg(const char *s) { if (argc2 > 4000) die("too many arguments"); argv2[argc2++] = strdup(s); }

// --- a walker for the compact JSON that serde writes -----------------------
static const char *skip(const char *p) { // p at a value; returns what follows it
  if (*p == '"') { for (p++; *p != '"'; p++) if (*p == '\\') p++; return p + 1; }
  if (*p == '{' || *p == '[') {
    int d = 0;
    do { if (*p == '"') p = skip(p) - 1; else if (*p == '{' || *p == '[') d++; else if (*p == '}' || *p == ']') d--; p++; } while (d);
    return p;
  }
  while (*p != ',' && *p != '}' && *p != ']') p++;
  return p;
}
static const char *get(const char *o, const char *key) { // value of key in the object at o, or NULL
  size_t n = strlen(key);
  for (const char *p = o + 1; *p != '}';) {
    const char *v = skip(p) + 1;
    if (!strncmp(p + 1, key, n) && p[1 + n] == '"') return v;
    p = skip(v); if (*p == ',') p++;
  }
  return NULL;
}
static char *str(const char *p) { // decodes the string at p (\uXXXX only below 0x80)
  char *r = malloc(skip(p) - p + 1), *w = r;
  for (p++; *p != '"'; p++) {
    if (*p != '\\') { *w++ = *p; continue; }
    switch (*++p) {
      case 'n': *w++ = '\n'; break; case 't': *w++ = '\t'; break; case 'r': *w++ = '\r'; break;
      case 'b': *w++ = '\b'; break; case 'f': *w++ = '\f'; break;
      case 'u': { char h[5] = {p[1], p[2], p[3], p[4], 0}; *w++ = (char)strtol(h, 0, 16); p += 4; break; }
      default: *w++ = *p;
    }
  }
  *w = 0; return r;
}
static void permission(const char *perms, const char *kind, const char *name) {
  char key[64]; snprintf(key, sizeof key, "%s_%s", kind, name);
  const char *v = get(perms, key);
  if (!v || *v != '[') return;
  char *flag; size_t cap = skip(v) - v + 64; flag = malloc(cap);
  int n = snprintf(flag, cap, "--%s-%s", kind, name), first = 1;
  for (const char *p = v + 1; *p != ']';) { n += snprintf(flag + n, cap - n, "%c%s", first ? '=' : ',', str(p)); first = 0; p = skip(p); if (*p == ',') p++; }
  arg(flag);
}
// --- the embedded file system ---------------------------------------------
static const char *files; static char entry[4096]; 
static void unpack(const char *a, const char *dir, const char *want) {
  for (const char *p = a + 1; *p != ']';) {
    const char *e = get(p, "File"), *d = get(p, "Dir"); char path[4096];
    if (e) {
      snprintf(path, sizeof path, "%s/%s", dir, str(get(e, "n")));
      const char *o = get(e, "o"); uint64_t off = strtoull(o + 1, 0, 10), len = strtoull(skip(o + 1) + 1, 0, 10);
      FILE *f = fopen(path, "w"); if (!f || fwrite(files + off, 1, len, f) != len || fclose(f)) die("cannot unpack");
      if (!strcmp(path + strlen(path) - strlen(want), want)) snprintf(entry, sizeof entry, "%s", path);
    } else if (d) { snprintf(path, sizeof path, "%s/%s", dir, str(get(d, "n") ? get(d, "n") : get(d, "name"))); mkdir(path, 0700); unpack(get(d, "e") ? get(d, "e") : get(d, "entries"), path, want); }
    else die("embedded symlinks are not supported: compile a bundle");
    p = skip(p); if (*p == ',') p++;
  }
}
int main(int argc, char **argv) {
  int fd = open("/proc/self/exe", O_RDONLY); struct stat st;
  if (fd < 0 || fstat(fd, &st)) die("cannot open itself");
  const char *d = mmap(0, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0), *end = d + st.st_size, *p = d, *meta = 0;
  char magic[9] = "D3N0L4ND"; for (char *c = magic; *c; c++) if (*c >= 'A') *c += 32; // not to find itself
  while ((p = memmem(p, end - p, magic, 8))) { if (end - p > 17 && u64(p + 8) < (uint64_t)(end - p - 16) && p[16] == '{') { meta = p + 16; break; } p++; }
  if (!meta) die("nothing embedded");
  p = meta + u64(meta - 8);
  if (u64(p)) die("npm packages are embedded: compile a bundle"); p += 8;
  for (int i = 0; i < 3; i++, p += 4) if (u32(p)) die("remote modules are embedded: compile a bundle");
  const char *vfs = p + 8; p = vfs + u64(p); files = p + 8;

  // Unpacked beside itself, once; where it may not write, below TMPDIR.
  char *key = str(get(meta, "entrypoint_key")), self[2048], home[2048], dir[2200];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 8); self[n < 0 ? 0 : n] = 0;
  char *slash = strrchr(self, '/'); if (!slash) die("cannot find itself");
  snprintf(home, sizeof home, "%.*s/.unpacked", (int)(slash - self), self);
  if (mkdir(home, 0755) && errno != EEXIST) { const char *tmp = getenv("TMPDIR"); snprintf(home, sizeof home, "%s", tmp ? tmp : "/tmp"); }
  snprintf(dir, sizeof dir, "%s/standin-%u-%llx-%llx", home, getuid(), (unsigned long long)st.st_ino, (unsigned long long)st.st_mtim.tv_sec * 1000000000ull + st.st_mtim.tv_nsec);
  char part[2300]; snprintf(part, sizeof part, "%s.%d", dir, getpid());
  char *base = strrchr(key, '/'); base = base ? base + 1 : key;
  if (access(dir, F_OK)) { if (mkdir(part, 0755)) die("cannot make the unpack folder"); unpack(vfs, part, base); if (rename(part, dir) && errno != ENOTEMPTY && errno != EEXIST) die("cannot rename the unpack folder"); }
  char file[6200]; snprintf(file, sizeof file, "%s/%s", dir, key);

  const char *deno = getenv("DENO"); if (!deno) deno = DEFAULT_DENO;
  // Deno.execPath() is deno's here, so gractl could not find its sibling by it.
  strcpy(slash, "/grad"); if (!access(self, X_OK)) setenv("GRACTL_GRAD", self, 0);
  arg(deno); arg("run"); arg("--quiet"); arg("--no-config"); arg("--no-lock"); arg("--no-check"); arg("--cached-only"); arg("--no-remote");
  const char *pm = get(meta, "permissions"), *pr = get(pm, "prompt"); if (pr && *pr == 'f') arg("--no-prompt");
  static const char *kinds[] = {"allow", "deny", "ignore"}, *names[] = {"env", "net", "ffi", "read", "run", "sys", "write", "import"};
  for (int k = 0; k < 3; k++) for (int n = 0; n < 8; n++) permission(pm, kinds[k], names[n]);
  arg(file);
  const char *av = get(meta, "argv"); for (const char *q = av + 1; *q != ']';) { arg(str(q)); q = skip(q); if (*q == ',') q++; }
  for (int i = 1; i < argc; i++) arg(argv[i]);
  if (getenv("DENORT_STANDIN_SHOW")) { for (int i = 0; i < argc2; i++) fprintf(stderr, "%s ", argv2[i]); fputc('\n', stderr); }
  execvp(deno, argv2); die("cannot run deno"); return 1;
}
