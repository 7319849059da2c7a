#include "data/files/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "data/files/checksum.h"
#include "data/files/unpack.h"
#include "engine/base/error.h"

namespace mneme {

namespace fs = std::filesystem;

namespace {

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  MNEME_CHECK(!error, "{}: cannot be created ({}); choose another folder", folder.string(), error.message());
}

void rename_into_place(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  MNEME_CHECK(!error, "{}: cannot be put in place ({})", to.string(), error.message());
}

/// The file that grows while data comes in, locked so that two downloads do not write into each other.
class PartFile {
 public:
  explicit PartFile(fs::path path)
      : path_(std::move(path)),
        file_(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644)) {
    MNEME_CHECK(file_ >= 0 || errno != ELOOP, "{}: is a symbolic link, through which nothing is written; remove it",
                path_.string());
    MNEME_CHECK(file_ >= 0, "{}: cannot be written ({}); choose another folder", path_.string(), std::strerror(errno));
    struct stat about {};
    const bool plain = fstat(file_, &about) == 0 && S_ISREG(about.st_mode);
    if (plain && flock(file_, LOCK_EX | LOCK_NB) == 0) return;
    close(file_);
    MNEME_CHECK(plain, "{}: is not a plain file; remove it", path_.string());
    fail("{}: another download is writing it; wait for that one", path_.string());
  }
  ~PartFile() { close(file_); }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const fs::path& path() const { return path_; }
  int64_t size() const { return lseek(file_, 0, SEEK_END); }

  bool append(const char* data, size_t size) {
    lseek(file_, 0, SEEK_END);
    while (size > 0) {
      const ssize_t written = write(file_, data, size);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        write_error_ = errno;
        return false;
      }
      data += written;
      size -= static_cast<size_t>(written);
    }
    return true;
  }

  void clear() {
    MNEME_CHECK(ftruncate(file_, 0) == 0, "{}: cannot be emptied ({})", path_.string(), std::strerror(errno));
  }

  /// errno of the write that failed, or 0.
  int write_error() const { return write_error_; }

 private:
  fs::path path_;
  int file_;
  int write_error_ = 0;
};

/// One HTTP request that appends to a part file from where it ends.
class Transfer {
 public:
  /// `most`: bytes that the whole file may have; 0 for any number.
  Transfer(const std::string& url, int64_t most, PartFile& part, const DownloadOptions& options)
      : url_(url),
        most_(most),
        part_(part),
        options_(options),
        start_(part.size()),
        curl_(curl_easy_init(), &curl_easy_cleanup) {
    MNEME_CHECK(curl_, "libcurl does not start");
    set(CURLOPT_URL, url_.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, url_.starts_with("https:") ? "https" : "http,https");
    if (most_ > start_) set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(most_ - start_));
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, 30L);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);  // a minute without a byte: the connection is dead
    set(CURLOPT_LOW_SPEED_TIME, 60L);
    set(CURLOPT_ERRORBUFFER, reason_);
    set(CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(start_));
    set(CURLOPT_WRITEFUNCTION, &on_data);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
  }

  /// Leaves the part file as it is if the server cannot go on where it ends.
  void run() {
    const CURLcode result = curl_easy_perform(curl_.get());
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    const bool too_long = too_long_ || result == CURLE_FILESIZE_EXCEEDED;
    if (result == CURLE_OK || (start_ > 0 && (result == CURLE_RANGE_ERROR || status == 416 || too_long))) return;
    if (too_long)
      fail("{}: the server has more than the {} bytes of the file; it is another file, check the address", url_, most_);
    if (part_.write_error() != 0)
      fail("{}: cannot be written ({}); make room and run again to resume", part_.path().string(),
           std::strerror(part_.write_error()));
    if (status >= 400) fail("{}: the server answered {}; check the address", url_, status);
    fail("{}: stopped after {} bytes ({}); run again to resume", url_, part_.size(),
         *reason_ ? reason_ : curl_easy_strerror(result));
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    const CURLcode result = curl_easy_setopt(curl_.get(), option, value);
    MNEME_CHECK(result == CURLE_OK, "libcurl refuses a setting ({}); it needs version 7.85 or later",
                curl_easy_strerror(result));
  }

  static size_t on_data(char* data, size_t, size_t size, void* self) {
    Transfer& t = *static_cast<Transfer*>(self);
    t.too_long_ = t.most_ > 0 && t.part_.size() + static_cast<int64_t>(size) > t.most_;
    return !t.too_long_ && t.part_.append(data, size) ? size : 0;
  }

  static int on_progress(void* self, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t) {
    const Transfer& t = *static_cast<Transfer*>(self);
    if (t.options_.progress) t.options_.progress(t.start_ + now, total > 0 ? t.start_ + total : 0);
    return 0;
  }

  std::string url_;
  int64_t most_;
  bool too_long_ = false;
  PartFile& part_;
  const DownloadOptions& options_;
  int64_t start_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
  char reason_[CURL_ERROR_SIZE] = "";
};

// Downloads the rest of a file. The part that an earlier call left may be complete already; or its md5 shows that it is
// the beginning of another file.
void fetch_part(const std::string& url, const RemoteFile& file, PartFile& part, const DownloadOptions& options) {
  const std::string& md5 = file.md5;
  if (file.bytes > 0 && part.size() > file.bytes) part.clear();
  if (part.size() > 0) {
    Transfer(url, file.bytes, part, options).run();
    if (md5_of_file(part.path()) == md5) return;
    part.clear();
  }
  Transfer(url, file.bytes, part, options).run();
  const std::string got = md5_of_file(part.path());
  if (got == md5) return;
  part.clear();
  fail("{}: the file has md5 {}, expected {}; it was damaged on the way or has changed, so it was thrown away", url,
       got, md5);
}

fs::path name_of_url(const std::string& url) {
  const std::string path = url.substr(0, url.find_first_of("?#"));
  const std::string name = path.substr(path.find_last_of('/') + 1);
  MNEME_CHECK(!name.empty() && name != "." && name != "..", "{}: the address names no file", url);
  return name;
}

bool is_complete(const RemoteArchive& archive, const fs::path& folder) {
  for (const auto& [name, size] : archive.contents) {
    std::error_code error;
    const uintmax_t found = fs::file_size(folder / name, error);
    if (error || (size != any_size && found != size)) return false;
  }
  return true;
}

/// A folder for half-finished work, beside where the result will be so that a rename suffices.
class WorkFolder {
 public:
  explicit WorkFolder(const fs::path& beside) {
    std::string name = (beside / ".unpacking-XXXXXX").string();
    MNEME_CHECK(mkdtemp(name.data()), "{}: no folder can be created in it ({})", beside.string(), std::strerror(errno));
    path_ = name;
  }
  ~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

bool can_download() { return true; }

fs::path fetch_file(const RemoteFile& file, const fs::path& folder, const DownloadOptions& options) {
  const fs::path target = folder / name_of_url(file.url);
  std::error_code ignored;
  if (fs::is_regular_file(target, ignored) && md5_of_file(target) == file.md5) return target;
  make_folder(folder);
  PartFile part(target.string() + ".part");
  fetch_part(options.url.empty() ? file.url : options.url, file, part, options);
  rename_into_place(part.path(), target);
  return target;
}

fs::path fetch_archive(const RemoteArchive& archive, const fs::path& folder, const DownloadOptions& options) {
  const fs::path target = folder / archive.folder;
  if (is_complete(archive, target)) return target;
  std::error_code ignored;
  MNEME_CHECK(!fs::exists(target, ignored), "{}: is there already but not complete; move it away and run again",
              target.string());
  const fs::path file = fetch_file(archive.file, folder, options);
  const WorkFolder work(folder);
  unpack(file, work.path());
  MNEME_CHECK(is_complete(archive, work.path() / archive.folder),
              "{}: does not hold the files of {}; it was not unpacked", file.string(), archive.folder);
  rename_into_place(work.path() / archive.folder, target);
  fs::remove(file, ignored);
  return target;
}

}  // namespace mneme
