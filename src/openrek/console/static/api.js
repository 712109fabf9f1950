// The REST API, as the console uses it. The session cookie travels by itself.

const HEADERS = { "X-Requested-With": "openrek-console" };

/** An error response of the server. `code` is "Network" if there was no response. */
export class ApiError extends Error {
  constructor(status, code, message, requestId) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
}

function errorOf(status, body) {
  let answer = {};
  try {
    answer = JSON.parse(body) ?? {};
    const { code, message, request_id: requestId } = answer.error;
    return new ApiError(status, code, message, requestId);
  } catch {
    // On AWS it is the HTTP API that turns away who has no key, in its own words: 403 {"message": "Forbidden"}.
    const unknown = status === 403 && typeof answer.message === "string";
    return new ApiError(unknown ? 401 : status, `HTTP ${status}`, "", null);
  }
}

async function request(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: body === undefined ? HEADERS : { ...HEADERS, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, "Network", "", null);
  }
  const text = await response.text();
  if (!response.ok) throw errorOf(response.status, text);
  return text ? JSON.parse(text) : null;
}

const name = encodeURIComponent;

export const logIn = (token) => request("POST", "/login", { token });
export const readAnalysis = (id) => request("GET", `/v1/analyses/${name(id)}`);
export const deleteAnalysis = (id) => request("DELETE", `/v1/analyses/${name(id)}`);
export const listAnalyses = (limit, after) =>
  request("GET", `/v1/analyses?limit=${limit}${after ? `&after=${name(after)}` : ""}`);
export const readLogs = (id) => request("GET", `/v1/logs?analysis_id=${name(id)}&limit=100`);

// What is larger does not pass API Gateway and Lambda in a request: it goes into the bucket, and the request names it.
const MAX_IN_REQUEST = 4 * 1024 * 1024;

/**
 * Uploads a picture and waits for its analysis.
 * `onProgress` gets 0 to 1 while bytes leave, and 1 once all have left.
 */
export async function createAnalysis(blob, options = {}) {
  if (blob.size <= MAX_IN_REQUEST) {
    const type = blob.type.startsWith("image/") ? blob.type : "application/octet-stream";
    return JSON.parse(await send("POST", "/v1/analyses", { ...HEADERS, "Content-Type": type }, blob, options));
  }
  const upload = await request("POST", "/v1/uploads");
  await send(upload.method, upload.url, upload.headers, blob, options);
  options.signal?.throwIfAborted();
  const headers = { ...HEADERS, "Content-Type": "application/json" };
  return JSON.parse(await send("POST", "/v1/analyses", headers, JSON.stringify({ key: upload.key }), { signal: options.signal }));
}

/** `fetch` does not report how far an upload is; XMLHttpRequest does. */
function send(method, url, headers, body, { onProgress, signal } = {}) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    xhr.upload.onload = () => onProgress?.(1);
    xhr.onload = () =>
      xhr.status < 300 ? resolve(xhr.responseText) : reject(errorOf(xhr.status, xhr.responseText));
    xhr.onerror = () => reject(new ApiError(0, "Network", "", null));
    xhr.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal?.addEventListener("abort", () => xhr.abort());
    xhr.send(body);
  });
}
