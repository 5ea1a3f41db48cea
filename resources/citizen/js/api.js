/** What the hub refused or could not do (RFC 9457). `status` 0: it was not reached. */
export class Problem extends Error {
  constructor(status, { code = "", detail = "", field = "" } = {}, retryAfter = 0) {
    super(detail || code || `status ${status}`);
    this.status = status;
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
  }

  /** Asking again later may help: not reached, too many, store full, server trouble. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The browser has entered another consultation since: its cookie is no longer this page's. */
  get moved() {
    return this.status === 422 && /^(events|signals)\.\d+\.session$/.test(this.field);
  }
}

const PATIENCE_MS = 15000;

/** GET or POST JSON; answers parsed JSON, or null for 204. Throws `Problem`. */
export async function ask(path, body, { keepalive = false } = {}) {
  const request = { headers: { Accept: "application/json" }, cache: "no-store", keepalive };
  request.signal = AbortSignal.timeout(PATIENCE_MS);
  if (body !== undefined) {
    request.method = "POST";
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  const answer = await fetch(path, request).catch(() => null);
  if (!answer) throw new Problem(0);
  if (answer.ok) return answer.status === 204 ? null : answer.json().catch(cutShort);
  const problem = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, problem, Number(answer.headers.get("Retry-After")) || 0);
}

/** A dying network cut the answer off: what was asked may have been done, and may be asked again. */
function cutShort() {
  throw new Problem(0);
}

/** False once the citizen's link has ended: no way leads back in by it. Where the hub cannot be asked, it may still open. */
export async function linkOpens(address) {
  const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);
  return !answer || ![404, 410].includes(answer.status);
}
