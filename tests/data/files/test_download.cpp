#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>

#include "data/datasets/dataset_urls.h"
#include "data/files/checksum.h"
#include "data/files/download.h"
#include "data/files/file_bytes.h"
#include "engine/base/error.h"
#include "tests/data/files/local_server.h"
#include "tests/data/files/tar_file.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"

using namespace mneme;
using mneme::test::message_of;
namespace fs = std::filesystem;

namespace {

/// A folder that a local server offers, and a folder to download into.
struct Site {
  test::ScratchFolder served, mine;
  test::LocalServer server{served.path()};

  bool usable() const {
    if (!can_download())
      MESSAGE("this build cannot download: skipped");
    else if (server.port() == 0)
      MESSAGE("python3 was not found: skipped");
    return can_download() && server.port() != 0;
  }
  RemoteFile file(const std::string& path) const {
    return {server.url(path), md5_of_file(served / fs::path(path).filename().string())};
  }
};

std::string noise(size_t size) {
  std::string bytes(size, '\0');
  uint32_t x = 1;
  for (char& c : bytes) c = static_cast<char>((x = x * 1664525u + 1013904223u) >> 24);
  return bytes;
}

const std::string content = noise(300000);

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string set_entries() {
  return test::tar_entry("set/", "", '5') + test::tar_entry("set/a.bin", content) +
         test::tar_entry("set/names.txt", "x\ny\n");
}

RemoteArchive archive_at(const Site& site) {
  return {site.file("/set.tar.gz"), "set", {{"a.bin", content.size()}, {"names.txt", 4}}};
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("md5 of the empty file and of 'abc' are RFC 1321's") {
  test::ScratchFolder scratch;
  CHECK(md5_of_file(scratch.write("empty", "")) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(md5_of_file(scratch.write("abc", "abc")) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(contains(message_of([&] { md5_of_file(scratch / "absent"); }), "absent: cannot be opened"));
}

TEST_CASE("a build without the libraries says which it lacks") {
  if (can_download()) return;
  CHECK(contains(message_of([] { download_cifar100("x"); }), "libcurl4-openssl-dev and libarchive-dev"));
}

TEST_CASE("a file is downloaded whole, under its own name, with progress") {
  Site site;
  if (!site.usable()) return;
  site.served.write("data.bin", content);
  int64_t received = 0, total = 0;
  const fs::path file =
      fetch_file(site.file("/data.bin"), site.mine / "new/folder",
                 {.url = {}, .progress = [&](int64_t now, int64_t all) { received = now, total = all; }});
  CHECK(file == site.mine / "new/folder/data.bin");
  CHECK(read_file(file) == content);
  CHECK(received == 300000);
  CHECK(total == 300000);
  CHECK(names_in(site.mine / "new/folder") == std::vector<std::string>{"data.bin"});
  CHECK(site.server.next_request() == "/data.bin -");
}

TEST_CASE("a file that is there and right is not asked for; a wrong one is replaced") {
  Site site;
  if (!site.usable()) return;
  site.served.write("data.bin", content);
  const RemoteFile remote = site.file("/data.bin");
  site.mine.write("data.bin", content);
  CHECK(fetch_file({"http://127.0.0.1:1/data.bin", remote.md5}, site.mine.path()) == site.mine / "data.bin");
  site.mine.write("data.bin", "old");
  CHECK(read_file(fetch_file(remote, site.mine.path())) == content);
}

TEST_CASE("an interrupted download keeps what it has and goes on from there") {
  Site site;
  if (!site.usable()) return;
  site.served.write("data.bin", content);
  const RemoteFile remote = site.file("/data.bin");
  const std::string message = message_of(
      [&] { fetch_file(remote, site.mine.path(), {.url = site.server.url("/cut/data.bin"), .progress = {}}); });
  CHECK(contains(message, "/cut/data.bin: stopped after 150000 bytes"));
  CHECK(contains(message, "run again to resume"));
  CHECK(names_in(site.mine.path()) == std::vector<std::string>{"data.bin.part"});
  int64_t total = 0;
  CHECK(read_file(fetch_file(remote, site.mine.path(),
                             {.url = {}, .progress = [&](int64_t, int64_t all) { total = all; }})) == content);
  CHECK(total == 300000);
  CHECK(site.server.next_request() == "/cut/data.bin -");
  CHECK(site.server.next_request() == "/data.bin bytes=150000-");
  CHECK(names_in(site.mine.path()) == std::vector<std::string>{"data.bin"});
}

TEST_CASE("a complete part file is put in place without another byte") {
  Site site;
  if (!site.usable()) return;
  site.served.write("data.bin", content);
  site.mine.write("data.bin.part", content);
  CHECK(read_file(fetch_file(site.file("/data.bin"), site.mine.path())) == content);
  CHECK(site.server.next_request() == "/data.bin bytes=300000-");
}

TEST_CASE("a part file of something else, or a server without ranges, means starting again") {
  Site site;
  if (!site.usable()) return;
  site.served.write("data.bin", content);
  const RemoteFile remote = site.file("/data.bin");
  site.mine.write("data.bin.part", "not the beginning");
  CHECK(read_file(fetch_file(remote, site.mine.path())) == content);
  CHECK(site.server.next_request() == "/data.bin bytes=17-");
  CHECK(site.server.next_request() == "/data.bin -");

  fs::remove(site.mine / "data.bin");
  site.mine.write("data.bin.part", content.substr(0, 1000));
  CHECK(read_file(fetch_file(remote, site.mine.path(),
                             {.url = site.server.url("/norange/data.bin"), .progress = {}})) == content);
}

TEST_CASE("redirects are followed") {
  Site site;
  if (!site.usable()) return;
  site.served.write("data.bin", content);
  CHECK(read_file(fetch_file(site.file("/moved/data.bin"), site.mine.path())) == content);
}

TEST_CASE("a file with the wrong md5 is thrown away, and nothing takes its name") {
  Site site;
  if (!site.usable()) return;
  site.served.write("data.bin", content);
  RemoteFile remote = site.file("/data.bin");
  const std::string right = remote.md5;
  remote.md5 = std::string(32, '0');
  site.mine.write("data.bin", "precious");
  CHECK(
      contains(message_of([&] { fetch_file(remote, site.mine.path()); }), "has md5 " + right + ", expected 00000000"));
  CHECK(read_file(site.mine / "data.bin") == "precious");
  CHECK(read_file(site.mine / "data.bin.part").empty());
}

TEST_CASE("an absent file, a dead server and a strange address are told apart") {
  Site site;
  if (!site.usable()) return;
  const auto fetch = [&](const std::string& url) {
    return message_of([&] { fetch_file({url, "0"}, site.mine.path()); });
  };
  CHECK(contains(fetch(site.server.url("/absent.bin")), "absent.bin: the server answered 404"));
  CHECK(contains(fetch("http://127.0.0.1:1/x.bin"), "x.bin: stopped after 0 bytes ("));
  CHECK(contains(fetch("file:///etc/hostname"), "hostname: stopped after 0 bytes"));
  CHECK(contains(fetch(site.server.url("/")), "the address names no file"));
}

TEST_CASE("an unwritable folder and a full disk are named") {
  Site site;
  if (!site.usable()) return;
  site.served.write("data.bin", content);
  const fs::path blocked = site.mine.write("a-file", "") / "below";
  CHECK(contains(message_of([&] { fetch_file(site.file("/data.bin"), blocked); }),
                 blocked.string() + ": cannot be created"));
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit little{1000, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &little) == 0);
  const std::string message = message_of([&] { fetch_file(site.file("/data.bin"), site.mine.path()); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(contains(message, "cannot be written (File too large); make room"));
}

TEST_CASE("no more is taken from a server than the file has") {
  Site site;
  if (!site.usable()) return;
  site.served.write("data.bin", content);
  RemoteFile remote = site.file("/data.bin");
  remote.bytes = static_cast<int64_t>(content.size());
  for (const char* mode : {"/long/data.bin", "/endless/data.bin"}) {
    const DownloadOptions options{.url = site.server.url(mode), .progress = {}};
    CHECK(contains(message_of([&] { fetch_file(remote, site.mine.path(), options); }),
                   std::string(mode) + ": the server has more than the 300000 bytes of the file"));
    CHECK(fs::file_size(site.mine / "data.bin.part") <= content.size());
    site.mine.write("data.bin.part", content.substr(0, 1000));
    CHECK(contains(message_of([&] { fetch_file(remote, site.mine.path(), options); }), "the server has more than"));
    fs::remove(site.mine / "data.bin.part");
  }
  CHECK(read_file(fetch_file(remote, site.mine.path())) == content);
}

TEST_CASE("nothing is written through a link") {
  Site site;
  if (!site.usable()) return;
  site.served.write("data.bin", content);
  const fs::path precious = site.mine.write("precious", "mine");
  fs::create_symlink(precious, site.mine / "data.bin.part");
  CHECK(contains(message_of([&] { fetch_file(site.file("/data.bin"), site.mine.path()); }),
                 "data.bin.part: is a symbolic link, through which nothing is written"));
  fs::remove(site.mine / "data.bin.part");
  fs::create_symlink(precious, site.mine / "data.bin");
  CHECK(read_file(fetch_file(site.file("/data.bin"), site.mine.path())) == content);
  CHECK(read_file(precious) == "mine");
}

TEST_CASE("two downloads of one file do not mix") {
  Site site;
  if (!site.usable()) return;
  site.served.write("data.bin", content);
  const int other = open(site.mine.write("data.bin.part", "half").c_str(), O_RDWR);
  REQUIRE(flock(other, LOCK_EX) == 0);
  CHECK(contains(message_of([&] { fetch_file(site.file("/data.bin"), site.mine.path()); }),
                 "another download is writing it"));
  close(other);
  CHECK(read_file(site.mine / "data.bin.part") == "half");
}

TEST_CASE("an archive is unpacked into place, and once is enough") {
  Site site;
  if (!site.usable()) return;
  test::write_tar_gz(site.served / "set.tar.gz", set_entries());
  RemoteArchive archive = archive_at(site);
  CHECK(fetch_archive(archive, site.mine.path()) == site.mine / "set");
  CHECK(read_file(site.mine / "set/a.bin") == content);
  CHECK(read_file(site.mine / "set/names.txt") == "x\ny\n");
  CHECK(names_in(site.mine.path()) == std::vector<std::string>{"set"});
  archive.file.url = "http://127.0.0.1:1/set.tar.gz";
  CHECK(fetch_archive(archive, site.mine.path()) == site.mine / "set");
}

TEST_CASE("a ZIP archive is unpacked, too, and the size of a file in it need not be known") {
  Site site;
  if (!site.usable()) return;
  test::write_zip(site.served / "set.zip", {{"set/a.bin", content}, {"set/deep/names.txt", "x\ny\n"}});
  const RemoteArchive archive{site.file("/set.zip"), "set", {{"a.bin", any_size}, {"deep/names.txt", 4}}};
  CHECK(read_file(fetch_archive(archive, site.mine.path()) / "a.bin") == content);
  CHECK(names_in(site.mine.path()) == std::vector<std::string>{"set"});
  RemoteArchive other = archive;
  other.contents.emplace_back("absent.txt", any_size);
  CHECK(contains(message_of([&] { fetch_archive(other, site.mine.path()); }), "is there already but not complete"));
  test::write_zip(site.served / "set.zip", {{"../escaped", "x"}});
  CHECK(contains(message_of([&] {
                   fetch_archive({site.file("/set.zip"), "set", {{"escaped", 1}}}, site.mine / "b");
                 }),
                 "would land outside the folder"));
}

TEST_CASE("an incomplete folder in the way is left alone") {
  Site site;
  if (!site.usable()) return;
  test::write_tar_gz(site.served / "set.tar.gz", set_entries());
  site.mine.write("set/a.bin", "mine");
  CHECK(contains(message_of([&] { fetch_archive(archive_at(site), site.mine.path()); }),
                 "is there already but not complete"));
  CHECK(read_file(site.mine / "set/a.bin") == "mine");
  CHECK(names_in(site.mine.path()) == std::vector<std::string>{"set"});
}

TEST_CASE("an archive that reaches outside its folder, or holds links or devices, is refused and leaves no trace") {
  struct Evil {
    std::string entry, message;
  };
  for (const Evil& evil :
       {Evil{test::tar_entry("../evil.txt", "x"), "'../evil.txt' would land outside"},
        Evil{test::tar_entry("set/../../evil.txt", "x"), "'set/../../evil.txt' would land outside"},
        Evil{test::tar_entry("/tmp/mneme-evil.txt", "x"), "'/tmp/mneme-evil.txt' would land outside"},
        Evil{test::tar_entry("set/link", "", '2', "/etc"), "'set/link' is neither a file nor a folder"},
        Evil{test::tar_entry("set/link", "", '1', "/etc/passwd"), "'set/link' is neither a file nor a folder"},
        Evil{test::tar_entry("set/device", "", '3'), "'set/device' is neither a file nor a folder"}}) {
    Site site;
    if (!site.usable()) return;
    test::write_tar_gz(site.served / "set.tar.gz", set_entries() + evil.entry);
    CHECK(contains(message_of([&] { fetch_archive(archive_at(site), site.mine / "in"); }), evil.message));
    CHECK(names_in(site.mine.path()) == std::vector<std::string>{"in"});
    CHECK(names_in(site.mine / "in") == std::vector<std::string>{"set.tar.gz"});
    CHECK(!fs::exists("/tmp/mneme-evil.txt"));
  }
}

TEST_CASE("archives that are cut, empty of what is expected, or no archives are refused") {
  Site site;
  if (!site.usable()) return;
  const fs::path file = test::write_tar_gz(site.served / "set.tar.gz", set_entries());
  const std::string whole = read_file(file);
  const auto fetched = [&](const std::string& bytes) {
    site.served.write("set.tar.gz", bytes);
    return message_of([&] { fetch_archive(archive_at(site), site.mine.path()); });
  };
  CHECK(contains(fetched(whole.substr(0, whole.size() / 2)), "the archive is damaged"));
  CHECK(contains(fetched("no archive"), "set.tar.gz: "));
  test::write_tar_gz(file, test::tar_entry("set/a.bin", "short"));
  CHECK(contains(message_of([&] { fetch_archive(archive_at(site), site.mine.path()); }),
                 "does not hold the files of set"));
  CHECK(!fs::exists(site.mine / "set"));
}

TEST_CASE("CIFAR-100's entry is the author's") {
  CHECK(dataset_urls::cifar100.file.url == "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz");
  CHECK(dataset_urls::cifar100.file.md5 == "03b5dce01913d631647c71ecec9e9cb8");
  CHECK(dataset_urls::cifar100.file.bytes == 168513733);
  // the records of 3074 bytes: 50,000 in one file and 10,000 in the other
  CHECK(dataset_urls::cifar100.contents[0].second == 50000 * 3074);
  CHECK(dataset_urls::cifar100.contents[1].second == 10000 * 3074);
}

TEST_CASE("every published file has a size, and every address is one by https, but for CORe50's") {
  using namespace dataset_urls;
  std::vector<const RemoteFile*> files{&cifar100.file, &svhn_train.file,    &svhn_test.file, &svhn_extra.file,
                                       &emnist.file,   &tiny_imagenet.file, &cub200.file};
  for (const MnistFiles& set : mnist)
    for (const DataFile& one : set.files) files.push_back(&one.file);
  for (const RemoteFile* file : files) {
    CHECK(file->url.starts_with("https://"));
    CHECK(file->bytes > 0);
    CHECK(file->md5.size() == 32);
  }
  CHECK(core50_images.file.url.starts_with("http://bias.csr.unibo.it/"));
  CHECK(core50_images.file.bytes > 0);
  CHECK(core50_lists.file.url.starts_with("https://"));
}
