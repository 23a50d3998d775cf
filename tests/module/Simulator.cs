using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModuleTests;

/// <summary>A simulated appliance in a process of its own, which ends with the test.</summary>
internal sealed class Simulator : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _control;
    private readonly string _folder = Directory.CreateTempSubdirectory("esg-simulator-").FullName;

    /// <param name="state">State file.</param>
    /// <param name="options">More arguments of esg-simulator.</param>
    public Simulator(string state, params string[] options)
    {
        var certificate = Path.Combine(_folder, "ca.pem");
        Log = Path.Combine(_folder, "requests.jsonl");
        List<string> arguments = ["--state", state, "--exit-with-stdin", "--log", Log, .. options];
        var https = options.Contains("--https");
        if (https)
        {
            arguments.AddRange(["--certificate-out", certificate]);
        }

        _process = Process.Start(new ProcessStartInfo(TestPaths.Simulator, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(_process.StandardError.ReadToEnd());
        Uri = JsonNode.Parse(line)!["uri"]!.GetValue<string>();
        Certificate = https ? certificate : null;
        // The certificate is the module's business; here only the counts matter.
        _control = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true }) { BaseAddress = new Uri(Uri) };
    }

    public string Uri { get; }

    public string? Certificate { get; }

    /// <summary>File with one JSON line a request.</summary>
    public string Log { get; }

    public JsonNode State => _control.GetFromJsonAsync<JsonNode>("/__simulator/state").GetAwaiter().GetResult()!;

    public JsonNode Counts => _control.GetFromJsonAsync<JsonNode>("/__simulator/counts").GetAwaiter().GetResult()!;

    /// <summary>All requests since the counts were reset, in their order.</summary>
    public JsonArray Requests => _control.GetFromJsonAsync<JsonArray>("/__simulator/log").GetAwaiter().GetResult()!;

    public IEnumerable<(string Method, string Path, int Status)> Calls => Requests.Select(r => (r!["method"]!.GetValue<string>(), r["path"]!.GetValue<string>(), r["status"]!.GetValue<int>()));

    public int Count(string method) => Calls.Count(c => c.Method == method);

    /// <summary>PATCH, POST, PUT and DELETE below the user collection.</summary>
    public int Writes => Calls.Count(c => c.Method is not ("GET" or "HEAD") && !c.Path.Contains("/login", StringComparison.Ordinal));

    /// <summary>Paths of the PATCH and DELETE requests, with the method, in their order.</summary>
    public string[] Written => [.. Calls.Where(c => c.Method is "PATCH" or "DELETE").Select(c => $"{c.Method} {c.Path}")];

    /// <summary>All users by id, each as text in which the same user is the same text.</summary>
    public IReadOnlyDictionary<long, string> Users => State["users"]!.AsArray().ToDictionary(u => u!["id"]!.GetValue<long>(), u => u!.ToJsonString());

    /// <summary>The addresses of a user by username, in their order.</summary>
    public string[] Addresses(string username) => [.. Elements(username).Select(e => e["address"]!.GetValue<string>())];

    /// <summary>The address elements of a user by username.</summary>
    public JsonNode[] Elements(string username)
    {
        var user = State["users"]!.AsArray().Single(u => u!["username"]!.GetValue<string>() == username)!;
        return [.. user["emailAddresses"]!.AsArray().Select(e => e!)];
    }

    public bool HasUser(string username) => State["users"]!.AsArray().Any(u => u!["username"]!.GetValue<string>() == username);

    public void ResetCounts() => Post("reset-counts", null);

    /// <summary>Sets the fault script, for example <c>[{"on":{"method":"PATCH","nth":1},"do":"drop_after_commit"}]</c>.</summary>
    public void Faults(string json) => Post("faults", json);

    /// <summary>Changes a user as another editor would: <c>{"id":7,"emailAddresses":[...]}</c>.</summary>
    public void Edit(string json) => Post("edit", json);

    /// <summary>Replaces the whole state.</summary>
    public void Load(string json) => _control.PutAsync(new Uri("/__simulator/state", UriKind.Relative), Json(json)).GetAwaiter().GetResult().EnsureSuccessStatusCode();

    /// <summary>Ends the process as a crash would.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(5000))
            {
                _process.Kill();
            }
        }

        _process.Dispose();
        _control.Dispose();
        Directory.Delete(_folder, true);
    }

    private void Post(string what, string? json)
    {
        using var reply = _control.PostAsync(new Uri("/__simulator/" + what, UriKind.Relative), json is null ? null : Json(json)).GetAwaiter().GetResult();
        if (!reply.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(reply.Content.ReadAsStringAsync().GetAwaiter().GetResult());
        }
    }

    private static StringContent Json(string json) => new(JsonNode.Parse(json)!.ToJsonString(JsonSerializerOptions.Default), null, "application/json");
}
