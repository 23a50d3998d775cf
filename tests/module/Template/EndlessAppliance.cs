using System.Net;
using System.Text;

namespace ModuleTests.Template;

/// <summary>An appliance on loopback that answers every page of its user list with the same two users, and knows nothing else.</summary>
internal sealed class EndlessAppliance : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly byte[] _page;
    private int _pages;

    /// <param name="total">What it says that there are; null: it does not say.</param>
    public EndlessAppliance(int? total)
    {
        var count = total is null ? "" : $"\"totalItems\": {total}, \"itemsPerPage\": 150, ";
        _page = Encoding.UTF8.GetBytes($$"""{ {{count}} "_links": {}, "_embedded": { "item": [ {{User(1)}}, {{User(2)}} ] } }""");
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Uri = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Uri + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Uri { get; }

    /// <summary>Pages that were asked for.</summary>
    public int Pages => Volatile.Read(ref _pages);

    public void Dispose() => _listener.Close();

    private static string User(int id) =>
        $$"""{"id": {{id}}, "username": "user{{id}}", "emailAddresses": [{"address": "user{{id}}@corp.example", "active": true, "primary": true}]}""";

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                if (context.Request.Url!.AbsolutePath == "/api/v2/user")
                {
                    Interlocked.Increment(ref _pages);
                    context.Response.ContentType = "application/hal+json";
                    await context.Response.OutputStream.WriteAsync(_page);
                }
                else
                {
                    context.Response.StatusCode = 404;
                    context.Response.ContentType = "application/problem+json";
                    await context.Response.OutputStream.WriteAsync("""{"title": "An error occurred", "status": 404, "detail": "Not Found"}"""u8.ToArray());
                }

                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }
}
