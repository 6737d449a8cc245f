// What outlives the page. A browser may forbid it or have no room: then the page
// remembers nothing, and works.

/** @param {() => Storage} storage */
function keep(storage) {
  return {
    /** @param {string} key */
    get(key) {
      try {
        return storage().getItem(`parley ${key}`) ?? "";
      } catch {
        return "";
      }
    },
    /**
     * @param {string} key
     * @param {string} value
     */
    set(key, value) {
      try {
        if (value) storage().setItem(`parley ${key}`, value);
        else storage().removeItem(`parley ${key}`);
      } catch {}
    },
  };
}

/** For this browser. */
export const local = keep(() => localStorage);

/** For this tab alone, over a reload. */
export const tab = keep(() => sessionStorage);
