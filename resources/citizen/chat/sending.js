const STILL_MS = 45000; // nothing moves for so long: the connection is dead, whatever the browser thinks

/**
 * Send one file. `progress(share)` from 0 to 1, then `done(attachment)` or `failed(status)`, 0 where the hub was not
 * reached. The same id again is the same file at the hub: an answer that was lost costs nothing. Returns `{cancel}`.
 */
export function send({ id, file }, { progress, done, failed }) {
  const request = new XMLHttpRequest(); // `fetch` does not tell how far an upload is
  let alarm = 0;
  let over = false;
  const finish = (act) => {
    clearTimeout(alarm);
    if (!over) act();
    over = true;
  };
  const fail = () => finish(() => failed(0));
  const alive = () => {
    clearTimeout(alarm);
    alarm = setTimeout(() => {
      fail();
      request.abort();
    }, STILL_MS);
  };
  request.open("POST", `/c/api/attachments?id=${id}&name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    alive();
    progress(total ? loaded / total : 0);
  });
  request.addEventListener("load", () => finish(() => (request.status === 201 ? done(JSON.parse(request.responseText)) : failed(request.status))));
  request.addEventListener("error", fail);
  request.addEventListener("timeout", fail);
  alive();
  request.send(file);
  const cancel = () => finish(() => request.abort());
  return { cancel };
}
